using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

internal sealed partial class PeerWork {
    private static PeerWork RoiAlign(PeerItem item, CheckpointFile file) {
        Tensor x = Map(file, "x"), boxes = file.Read("boxes");
        return new(() => [("y", Op.RoiAlign(x, boxes, item.Size, 0.25f, item.Samples))], false, x, boxes);
    }

    private static PeerWork RoiAlignBackward(PeerItem item, CheckpointFile file) {
        Tensor x = Map(file, "x"), boxes = file.Read("boxes");
        return Backward(() => Op.RoiAlign(x, boxes, item.Size, 0.25f, item.Samples), Map(file, "gradient"), ("x", x));
    }

    /// <summary>Libra's pyramid; every weight of the file is the neck's.</summary>
    private static PeerWork Balanced(PeerItem item, CheckpointFile file) {
        Refinement refinement = item.Refine switch {
            "conv" => Refinement.Convolution,
            "non_local" => Refinement.EmbeddedGaussian,
            _ => Refinement.None,
        };
        Tensor[] maps = [.. Enumerable.Range(0, file.Entries.Count(entry => entry.Name.StartsWith("x.", StringComparison.Ordinal)))
            .Select(i => Map(file, $"x.{i}"))];
        var neck = new Bfp(new() { RefineLevel = 1, Refinement = refinement }, item.Channels, maps.Length);
        neck.Load(neck.State().ToDictionary(entry => entry.Name, entry => file.Read(entry.Name)));
        return new(() => neck.Forward(maps).Select((level, i) => ($"y.{i}", level)), false, [neck, .. maps]);
    }

    private static PeerWork AdaptiveMaxPool(Tensor x) =>
        new(() => [("y", Op.AdaptiveMaxPool2d(x, (x.Shape[1] / 2, x.Shape[2] / 2)))], false, x);

    private static PeerWork AdaptiveMaxPoolBackward(Tensor x, Tensor gradient) =>
        Backward(() => Op.AdaptiveMaxPool2d(x, (x.Shape[1] / 2, x.Shape[2] / 2)), gradient, ("x", x));
}
