using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What is to be found in a picture.</summary>
/// <param name="Boxes">The objects, in pixels of the network's input; there may be none.</param>
/// <param name="Labels">Each object's class, from 0.</param>
/// <param name="Ignored">Boxes that are no objects to find (crowds): assigners with an ignore rule leave out anchors in them.</param>
public sealed record GroundTruth(Box[] Boxes, int[] Labels, Box[] Ignored) {
    /// <summary>Objects without crowds.</summary>
    public GroundTruth(Box[] boxes, int[] labels) : this(boxes, labels, []) { }

    /// <summary>What else is known of the objects, by the property's name: for each object numbers in the network's units, none where it is
    /// not known (see <see cref="CenterProperty"/>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float[]>>? Properties { get; init; }

    internal void Validate(int classes) {
        if (Boxes.Length != Labels.Length) throw new DatasetException($"A picture has {Boxes.Length} boxes but {Labels.Length} labels.");
        foreach ((string name, IReadOnlyList<float[]> known) in Properties ?? new Dictionary<string, IReadOnlyList<float[]>>()) {
            if (known.Count != Boxes.Length)
                throw new DatasetException($"A picture has {Boxes.Length} boxes, but '{name}' is given for {known.Count}.");
        }
        foreach (int label in Labels)
            if (label < 0 || label >= classes)
                throw new DatasetException($"A label is {label}, but the network has the classes 0 to {classes - 1}.");
    }
}
