using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What follows a product, result by result, before it is stored: sum · scale + shift + added, then a ReLU. Scale and shift go by
/// channel, what is added lies as the results do.</summary>
/// <param name="Shift">[channels], or none.</param>
/// <param name="Scale">[channels], or none.</param>
/// <param name="Added">As the results, or none.</param>
/// <param name="Relu">Whether a ReLU ends it.</param>
internal sealed record Ending(Tensor? Shift = null, Tensor? Scale = null, Tensor? Added = null, bool Relu = false) {
    public static readonly Ending None = new();

    /// <summary>What of it there is.</summary>
    public TileEnding Steps => new(Shift is null ? 0 : 1, Scale is null ? 0 : 1, Added is null ? 0 : 1, Relu ? 1 : 0);
}

/// <summary>The steps of an <see cref="Ending"/> that a kernel takes: 1 or 0 each.</summary>
internal readonly struct TileEnding(int hasShift, int hasScale, int hasAdded, int relu) {
    private readonly int hasShift = hasShift, hasScale = hasScale, hasAdded = hasAdded, relu = relu;

    /// <summary>Ends four neighbouring results whose channel and place are multiples of four.</summary>
    /// <param name="sum">The results.</param>
    /// <param name="shift">Read if there is a shift; the others likewise.</param>
    /// <param name="scale">Factors by channel.</param>
    /// <param name="added">What is added.</param>
    /// <param name="channel">The first result's channel.</param>
    /// <param name="at">Its place.</param>
    public void ApplyFour(ref Float4 sum, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, int channel, int at) {
        if (hasScale != 0) sum = Float4.Product(sum, scale.Cast<Float4>()[channel >> 2]);
        if (hasShift != 0) sum = Float4.Affine(sum, shift.Cast<Float4>()[channel >> 2], 1);
        if (hasAdded != 0) sum = Float4.Affine(sum, added.Cast<Float4>()[at >> 2], 1);
        Rectify(ref sum);
    }

    /// <summary>Ends up to four neighbouring results.</summary>
    /// <param name="sum">The results.</param>
    /// <param name="shift">Read if there is a shift; the others likewise.</param>
    /// <param name="scale">Factors by channel.</param>
    /// <param name="added">What is added.</param>
    /// <param name="channel">The first result's channel.</param>
    /// <param name="at">Its place.</param>
    /// <param name="count">How many of the four there are.</param>
    /// <param name="vectors">1 where channel and place are multiples of four.</param>
    public void Apply(ref Float4 sum, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added, int channel, int at,
        int count, int vectors) {
        if (hasScale != 0) sum = Float4.Product(sum, Float4.Load(scale, channel, count, vectors));
        if (hasShift != 0) sum = Float4.Affine(sum, Float4.Load(shift, channel, count, vectors), 1);
        if (hasAdded != 0) sum = Float4.Affine(sum, Float4.Load(added, at, count, vectors), 1);
        Rectify(ref sum);
    }

    private void Rectify(ref Float4 sum) {
        if (relu == 0) return;
        if (sum.X <= 0) sum.X = 0;
        if (sum.Y <= 0) sum.Y = 0;
        if (sum.Z <= 0) sum.Z = 0;
        if (sum.W <= 0) sum.W = 0;
    }
}
