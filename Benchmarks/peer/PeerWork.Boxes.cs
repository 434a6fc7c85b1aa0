using System.Runtime.InteropServices;
using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

internal sealed partial class PeerWork {
    private static PeerWork Assign(Assigner assigner, CheckpointFile file) {
        Box[] anchors = Corners(file, "anchors"), objects = Corners(file, "objects");
        int[] levels = file.ReadInt32("levels");
        var truth = new GroundTruth(objects, new int[objects.Length]);
        return new(() => [("y", Tensor.From(assigner.Assign(anchors, levels, truth).Truths, [anchors.Length]))], false);
    }

    private static PeerWork Nms(Tensor boxes, Tensor scores) => new(() => [("y", Op.Nms(boxes, scores, 0.6f))], false, boxes, scores);

    private static Box[] Corners(CheckpointFile file, string name) =>
        MemoryMarshal.Cast<float, Box>(file.ReadSingle(name)).ToArray();
}
