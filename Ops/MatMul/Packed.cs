namespace DenseEngine.Ops;

/// <summary>Weights packed for an inner loop. While nothing is recorded they are kept with the weights for the next call; in training, where
/// the weights change with every step, they are freed after use.</summary>
internal readonly struct Packed<T> : IDisposable where T : class, IDisposable {
    private readonly bool kept;

    /// <summary>Packs, or takes what was kept.</summary>
    /// <param name="weight">The weights.</param>
    /// <param name="key">Tells the ways of packing the same weights apart.</param>
    /// <param name="stamp">What else the packing depends on; kept with it, which is done anew when another is given.</param>
    /// <param name="forced">The inner loop that a test asks for.</param>
    /// <param name="pack">Packs for an inner loop.</param>
    public Packed(Tensor weight, object key, object? stamp, GemmKernel? forced, Func<GemmKernel, T> pack) {
        kept = !NoGrad.IsRecording && forced is null;
        Value = kept ? weight.Derived(key, () => pack(GemmKernel.Best), stamp) : pack(forced ?? GemmKernel.Best);
    }

    public T Value { get; }

    public void Dispose() {
        if (!kept) Value.Dispose();
    }
}

/// <summary>Spares writing the type.</summary>
internal static class Packed {
    /// <inheritdoc cref="Packed{T}(Tensor, object, object?, GemmKernel?, Func{GemmKernel, T})"/>
    public static Packed<T> Of<T>(Tensor weight, object key, object? stamp, GemmKernel? forced, Func<GemmKernel, T> pack)
        where T : class, IDisposable => new(weight, key, stamp, forced, pack);
}
