namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The same elements under another shape; one size may be -1 and follows from the others. Nothing is copied: the result shares
    /// x's memory. Any rank, float32 or int32.</summary>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public static Tensor Reshape(Tensor x, params ReadOnlySpan<int> sizes) {
        int[] given = sizes.ToArray();
        int open = Array.IndexOf(given, -1);
        if (open >= 0) {
            long known = 1;
            for (int i = 0; i < given.Length; i++) if (i != open) known *= given[i];
            Check.That(known > 0 && x.Count % known == 0, $"Reshape: shape {x.Shape} does not divide into [{string.Join(", ", given)}].");
            given[open] = (int)(x.Count / known);
        }
        Shape shape = new(given), before = x.Shape;
        return Tape.Record(x.View(shape), [x], [], (dy, _) => [dy.View(before)]);
    }
}
