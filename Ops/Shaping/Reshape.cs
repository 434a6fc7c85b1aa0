namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The same elements under another shape; one size may be -1 and follows from the others. Nothing is copied: the result shares
    /// x's memory. Any rank, float32 or int32.</summary>
    /// <exception cref="ShapeException">The number of elements differs.</exception>
    public static Tensor Reshape(Tensor x, params ReadOnlySpan<int> sizes) {
        Span<int> given = stackalloc int[sizes.Length];
        sizes.CopyTo(given);
        int open = given.IndexOf(-1);
        if (open >= 0) {
            long known = 1;
            for (int i = 0; i < given.Length; i++) if (i != open) known *= given[i];
            Check.That(known > 0 && x.Count % known == 0,
                $"Reshape: shape {x.Shape} does not divide into [{string.Join(", ", sizes.ToArray())}].");
            given[open] = (int)(x.Count / known);
        }
        Tensor y = x.View(new Shape(given));
        return Tape.Wants(x) ? RecordReshape(y, x) : y;
    }

    private static Tensor RecordReshape(Tensor y, Tensor x) {
        Shape before = x.Shape;
        return Tape.Record(y, [x], [], (dy, _) => [dy.View(before)]);
    }
}
