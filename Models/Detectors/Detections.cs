using System.Collections;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>An object that was found.</summary>
/// <param name="Box">Where, in pixels.</param>
/// <param name="Score">How surely, from 0 to 1.</param>
/// <param name="Label">Its class, from 0.</param>
public readonly record struct Detection(Box Box, float Score, int Label) {
    /// <summary>What else was found of it, by the property's name (see <see cref="CenterProperty"/>); null if the detector looks for no
    /// more.</summary>
    public IReadOnlyDictionary<string, float[]>? Properties { get; init; }
}

/// <summary>The objects found in a picture, best first.</summary>
public sealed class Detections(IReadOnlyList<Detection> found) : IReadOnlyList<Detection> {
    /// <inheritdoc/>
    public int Count => found.Count;

    /// <inheritdoc/>
    public Detection this[int index] => found[index];

    /// <inheritdoc/>
    public IEnumerator<Detection> GetEnumerator() => found.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
