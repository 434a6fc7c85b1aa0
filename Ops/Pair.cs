namespace DenseEngine.Ops;

/// <summary>A vertical and a horizontal number: a stride, padding, dilation or window size. A single number stands for both.</summary>
/// <param name="Vertical">Along the height.</param>
/// <param name="Horizontal">Along the width.</param>
public readonly record struct Pair(int Vertical, int Horizontal) {
    /// <summary>The same number for both.</summary>
    public static implicit operator Pair(int both) => new(both, both);

    /// <summary>From (vertical, horizontal).</summary>
    public static implicit operator Pair((int Vertical, int Horizontal) pair) => new(pair.Vertical, pair.Horizontal);

    /// <summary>For example <c>(2, 1)</c>.</summary>
    public override string ToString() => $"({Vertical}, {Horizontal})";
}
