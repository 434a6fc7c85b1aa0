using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Decides which anchor is to find which object.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AtssAssigner), "ATSSAssigner")]
[JsonDerivedType(typeof(MaxIouAssigner), "MaxIoUAssigner")]
public abstract record Assigner {
    /// <summary>Assigns one picture's anchors.</summary>
    /// <param name="anchors">All levels' anchors, level after level.</param>
    /// <param name="levelSizes">How many of them each level has.</param>
    /// <param name="truth">The picture's objects.</param>
    /// <param name="predictions">What the network says of these anchors; assigners that ask for it say so
    /// (<see cref="NeedsPredictions"/>).</param>
    public abstract Assignment Assign(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth,
        Predictions? predictions = null);

    /// <summary>Whether the network's predictions take part.</summary>
    [JsonIgnore]
    public virtual bool NeedsPredictions => false;

    /// <summary>Whether there is an overlap from which anchors are positives.</summary>
    internal virtual bool HasThresholds => false;

    /// <summary>The overlap with each object from which anchors are its positives; null if the assigner has none.</summary>
    /// <param name="anchors">All levels' anchors, level after level.</param>
    /// <param name="levelSizes">How many of them each level has.</param>
    /// <param name="truth">The picture's objects.</param>
    internal virtual float[]? Thresholds(ReadOnlySpan<Box> anchors, IReadOnlyList<int> levelSizes, GroundTruth truth) => null;

    /// <summary>Checks its settings, which may come from a file.</summary>
    /// <exception cref="ConfigException">They are out of range.</exception>
    internal abstract void Validate();
}

/// <summary>What the network says of one picture's anchors, for assigners that weigh it.</summary>
/// <param name="Logits">Class logits [anchors,C], row by row.</param>
/// <param name="Boxes">Each anchor's decoded box, in pixels, not cut to the picture.</param>
public sealed record Predictions(float[] Logits, Box[] Boxes) {
    /// <summary>Those of some anchors.</summary>
    internal Predictions Of(int[] anchors) {
        int classes = Logits.Length / Math.Max(1, Boxes.Length);
        float[] logits = new float[classes * anchors.Length];
        for (int i = 0; i < anchors.Length; i++) Logits.AsSpan(classes * anchors[i], classes).CopyTo(logits.AsSpan(classes * i));
        return new Predictions(logits, [.. anchors.Select(i => Boxes[i])]);
    }
}
