using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Pools: after the stem, adaptive and global ones.</summary>
public class PoolBenchmarks : WorkloadBenchmarks {
    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Rows.Both("MaxPool2d 1x400x672x64, 3x3 /2", t => Op.MaxPool2d(t[0], 3, 2, 1), Draws.Map(1, 400, 672, 64)),
        .. Rows.Both("MaxPool2d 8x80x80x16, 3x3 /2", t => Op.MaxPool2d(t[0], 3, 2, 1), Draws.Map(8, 80, 80, 16)),
        .. Rows.Both("MaxPool2d 1x100x168x256, 5x5", t => Op.MaxPool2d(t[0], 5, 1, 2), Draws.Map(1, 100, 168, 256)),
        Rows.Forward("LocalMaxima 1x128x128x80", t => Op.LocalMaxima(t[0]), Draws.Map(1, 128, 128, 80)),
        .. Rows.Both("AvgPool2d 1x100x168x256, 2x2 /2", t => Op.AvgPool2d(t[0], 2), Draws.Map(1, 100, 168, 256)),
        .. Rows.Both("AvgPool2d 1x100x168x256, 3x3 /2", t => Op.AvgPool2d(t[0], 3, 2, 1), Draws.Map(1, 100, 168, 256)),
        .. Rows.Both("AdaptiveMaxPool2d 1x100x168x256 to 50x84", t => Op.AdaptiveMaxPool2d(t[0], (50, 84)), Draws.Map(1, 100, 168, 256)),
        .. Rows.Both("AdaptiveMaxPool2d 1x100x168x256 to 1x1", t => Op.AdaptiveMaxPool2d(t[0], 1), Draws.Map(1, 100, 168, 256)),
        .. Rows.Both("AdaptiveAvgPool2d 1x100x168x256 to 7x7", t => Op.AdaptiveAvgPool2d(t[0], 7), Draws.Map(1, 100, 168, 256)),
        .. Rows.Both("AdaptiveAvgPool2d 8x25x42x512 to 1x1", t => Op.AdaptiveAvgPool2d(t[0], 1), Draws.Map(8, 25, 42, 512)),
        .. Rows.Both("CornerPool 1x128x128x256, top", t => Op.CornerPool(t[0], CornerSide.Top), Draws.Map(1, 128, 128, 256)),
        .. Rows.Both("CornerPool 1x128x128x256, bottom", t => Op.CornerPool(t[0], CornerSide.Bottom), Draws.Map(1, 128, 128, 256)),
        .. Rows.Both("CornerPool 1x128x128x256, left", t => Op.CornerPool(t[0], CornerSide.Left), Draws.Map(1, 128, 128, 256)),
        .. Rows.Both("CornerPool 1x128x128x256, right", t => Op.CornerPool(t[0], CornerSide.Right), Draws.Map(1, 128, 128, 256)),
        .. RoiAlign("7x7 of 2x2", 2),
        .. RoiAlign("7x7, adaptive", 0),
    ];

    private static Workload[] RoiAlign(string bins, int samples) => [
        Rows.Forward($"RoiAlign 512 boxes on 1x200x336x256, {bins}", t => Op.RoiAlign(t[0], t[1], 7, 0.25f, samples),
            Draws.Map(1, 200, 336, 256), Draws.Rois(512)),
        Rows.Gradient($"RoiAlign 512 boxes on 1x200x336x256, {bins}", [0], t => Op.RoiAlign(t[0], t[1], 7, 0.25f, samples),
            Draws.Map(1, 200, 336, 256), Draws.Rois(512)),
    ];
}
