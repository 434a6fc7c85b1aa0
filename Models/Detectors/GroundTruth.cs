using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What is to be found in a picture.</summary>
/// <param name="Boxes">The objects, in pixels of the network's input; there may be none.</param>
/// <param name="Labels">Each object's class, from 0.</param>
/// <param name="Ignored">Boxes that are no objects to find (crowds): assigners with an ignore rule leave out anchors in them.</param>
public sealed record GroundTruth(Box[] Boxes, int[] Labels, Box[] Ignored) {
    /// <summary>Objects without crowds.</summary>
    public GroundTruth(Box[] boxes, int[] labels) : this(boxes, labels, []) { }

    internal void Validate(int classes) {
        if (Boxes.Length != Labels.Length) throw new DatasetException($"A picture has {Boxes.Length} boxes but {Labels.Length} labels.");
        foreach (int label in Labels)
            if (label < 0 || label >= classes)
                throw new DatasetException($"A label is {label}, but the network has the classes 0 to {classes - 1}.");
    }
}
