using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>What comes between a head's scores and the detections: choosing, overlaps, suppression. No ceiling limits most of it: the
/// work depends on the boxes.</summary>
public class BoxBenchmarks : WorkloadBenchmarks {
    private static readonly Draw Five = Draws.Boxes(5000), Scores = Draws.Between(0, 1, 5000), Labels = Draws.Index(80, 5000);

    private static readonly DeltaRule Deltas = DeltaRule.Of(DeltaNumbers.All(0), DeltaNumbers.All(0.1f));

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        Rows.Forward("BoxIou 300x22400", t => Op.BoxIou(t[0], t[1]), Draws.Boxes(300), Draws.Boxes(22400)),
        Rows.Gradient("BoxIou 300x5000 Giou", [0, 1], t => Op.BoxIou(t[0], t[1], IouKind.Giou), Draws.Boxes(300), Five),
        Chosen("Nms 5000", t => Op.Nms(t[0], t[1], 0.6f)),
        Chosen("BatchedNms 5000, 80 classes", t => Op.BatchedNms(t[0], t[1], t[2], 0.6f)),
        Chosen("SoftNms 5000", t => Op.SoftNms(t[0], t[1], 0.6f, new SoftNms()).Kept),
        Chosen("BatchedSoftNms 5000, 80 classes", t => Op.BatchedSoftNms(t[0], t[1], t[2], 0.6f, new SoftNms()).Kept),
        Chosen("SelectDetections 100 of 5000", t => Op.SelectDetections(t[0], t[1], t[2], 0.6f, 100)),
        Chosen("FitBoxes 5000", t => Op.FitBoxes(t[0], t[1], t[2], new PictureFit(1333, 800, 2, 2)).Boxes),
        Rows.Uncounted("DecodeDistributions 1000 of 16800x4x17", t => Op.DecodeDistributions(t[0], t[1], t[2], t[3], t[4], 8),
            Draws.Map(16800, 68), Draws.Map(17), Draws.Index(16800, 1000), Draws.Map(16800, 2), Draws.Index(16800, 1000)),
        Rows.Forward("DecodeDeltas 22400", t => Op.DecodeDeltas(t[0], t[1], Deltas), Draws.Boxes(22400), Draws.Map(22400, 4)),
        Rows.Gradient("DecodeDeltas 22400", [1], t => Op.DecodeDeltas(t[0], t[1], Deltas), Draws.Boxes(22400), Draws.Map(22400, 4)),
        Rows.Forward("EncodeDeltas 22400", t => Op.EncodeDeltas(t[0], t[1], Deltas), Draws.Boxes(22400), Draws.Boxes(22400)),
        Rows.Forward("BestPairs 1x16800x80, 1000 best", t => Op.BestPairs(t[0], 0, 0.05f, 1000).Scores,
            Draws.Between(0, 0.06f, 1, 16800, 80)),
        Rows.Forward("PairsAbove 1000x81", t => Op.PairsAbove(t[0], 0.05f, 20_000).Scores, Draws.Between(0, 0.06f, 1000, 81)),
        Rows.Forward("Regions 8000", t => Op.Regions(t[0], 8), Draws.Between(0, 80, 8000, Op.DetectionFields)),
        Rows.Forward("RegionLevels 8000", t => Op.RegionLevels(t[0], 56, [2, 4, 8]), Draws.Rois(8000)),
        Rows.Forward("Peaks 128x128x80, 100 best", t => Op.Peaks(t[0], 100, offsets: t[1]).Rows, Draws.Between(0, 1, 1, 128, 128, 80),
            Draws.Map(1, 128, 128, 2)),
        Rows.Forward("CenterBoxes 800", t => Op.CenterBoxes(t[0], t[1], new CellGrid(4, 4)), Draws.Between(0, 100, 800, 6),
            Draws.Between(0, 20, 800, 2)),
        Rows.Forward("PairCorners 100x100", t => Op.PairCorners(t[0], t[1], t[2], t[1], new CornerRule(new CellGrid(4, 4), 0.5f, -0.1f))
            .Scores, Draws.Between(0, 100, 100, 6), Draws.Map(100, 1), Draws.Between(0, 100, 100, 6)),
    ];

    private static Workload Chosen(string name, Func<Tensor[], Tensor> operation) =>
        Rows.Uncounted(name, operation, Five, Scores, Labels);
}
