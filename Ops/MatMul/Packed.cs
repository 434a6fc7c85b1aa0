namespace DenseEngine.Ops;

/// <summary>Weights packed for an inner loop. While nothing is recorded they are kept with the weights for the next call; in training,
/// where the weights change with every step, they are freed after use.</summary>
internal readonly struct Packed<T> : IDisposable where T : class, IDisposable {
    private readonly bool kept;

    public Packed(T value, bool kept) => (Value, this.kept) = (value, kept);

    public T Value { get; }

    public void Dispose() {
        if (!kept) Value.Dispose();
    }
}

/// <summary>Packs weights.</summary>
internal static class Packed {
    private static readonly object NoGroups = 1;

    /// <summary>Packs, or takes what was kept.</summary>
    /// <param name="weight">The weights.</param>
    /// <param name="key">Tells the ways of packing the same weights apart.</param>
    /// <param name="stamp">What else the packing depends on; kept with it, which is done anew when another is given.</param>
    /// <param name="forced">The inner loop that a test asks for.</param>
    /// <param name="from">What <paramref name="pack"/> needs: so it can be static, and finding what was kept makes no garbage.</param>
    /// <param name="pack">Packs for an inner loop.</param>
    public static Packed<T> Of<T, TFrom>(Tensor weight, object key, object? stamp, GemmKernel? forced, TFrom from,
        Func<GemmKernel, TFrom, T> pack) where T : class, IDisposable => NoGrad.IsRecording || forced is not null
        ? new(pack(forced ?? GemmKernel.Best, from), false)
        : new(weight.FindDerived<T>(key, stamp) ?? Make(weight, key, stamp, from, pack), true);

    /// <summary>The key of weights that are packed by groups of channels.</summary>
    public static object Groups(int groups) => groups == 1 ? NoGroups : groups;

    private static T Make<T, TFrom>(Tensor weight, object key, object? stamp, TFrom from, Func<GemmKernel, TFrom, T> pack)
        where T : class, IDisposable => weight.Derived(key, () => pack(GemmKernel.Best, from), stamp);
}
