namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = (x - μ)/√(σ² + ε)·weight + bias, μ and σ² (biased) being those of the last <paramref name="axes"/> axes together (Ba et al.,
    /// 2016).</summary>
    /// <param name="x">Any shape of at least that rank.</param>
    /// <param name="axes">How many trailing axes are normalised together, 1 or more.</param>
    /// <param name="weight">Their sizes, or null for 1.</param>
    /// <param name="bias">Their sizes, or null for 0.</param>
    /// <param name="eps">ε.</param>
    /// <exception cref="ShapeException">Sizes differ, or there are not as many axes.</exception>
    public static Tensor LayerNorm(Tensor x, int axes, Tensor? weight, Tensor? bias, float eps = 1e-5f) {
        const string name = nameof(LayerNorm);
        Check.That(axes >= 1 && axes <= x.Shape.Rank, $"{name}: {axes} axes cannot be normalised in shape {x.Shape}.");
        Shape each = new(x.Shape.ToArray().AsSpan(x.Shape.Rank - axes));
        if (weight is not null) Check.Shape(name, "weight", weight, each);
        if (bias is not null) Check.Shape(name, "bias", bias, each);
        // One group over all channels of a "picture" of one pixel.
        Tensor rows = Reshape(x, each.Count == 0 ? 0 : x.Count / each.Count, each.Count);
        Tensor y = GroupNorm(rows, 1, weight is null ? null : Reshape(weight, each.Count), bias is null ? null : Reshape(bias, each.Count), eps);
        return Reshape(y, x.Shape.ToArray());
    }
}
