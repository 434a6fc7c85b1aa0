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

    private static PeerWork AdaptiveMaxPool(Tensor x) =>
        new(() => [("y", Op.AdaptiveMaxPool2d(x, (x.Shape[1] / 2, x.Shape[2] / 2)))], false, x);

    private static PeerWork AdaptiveMaxPoolBackward(Tensor x, Tensor gradient) =>
        Backward(() => Op.AdaptiveMaxPool2d(x, (x.Shape[1] / 2, x.Shape[2] / 2)), gradient, ("x", x));
}
