using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Joins of the values of neighbouring threads of a group.</summary>
internal static class GroupJoin {
    /// <summary>The values of each <paramref name="width"/> neighbouring threads, a power of two, combined in a tree: first neighbours,
    /// then neighbours of these, so that the bits depend on nothing but the width, whichever way the values go. Every thread of the group
    /// must call; every one gets its neighbours' result.</summary>
    /// <param name="shared">A place for each thread of the group.</param>
    /// <param name="thread">This thread's number.</param>
    /// <param name="width">How many threads join.</param>
    /// <param name="own">This thread's value.</param>
    /// <param name="op">How two become one, whichever comes first.</param>
    public static float Of<TOp, TWarp>(ArrayView<float> shared, int thread, int width, float own, TOp op)
        where TOp : unmanaged, IReduction where TWarp : struct, IWarp {
        int distance = 1;
        for (int near = Math.Min(width, TWarp.Width); distance < near; distance *= 2)
            own = op.Combine(own, TWarp.Swap(own, distance));
        for (; distance < width; distance *= 2) {
            Group.Barrier();
            shared[thread] = own;
            Group.Barrier();
            own = op.Combine(own, shared[thread ^ distance]);
        }
        return own;
    }

    /// <summary>Their sum.</summary>
    public static float Sum<TWarp>(ArrayView<float> shared, int thread, int width, float own) where TWarp : struct, IWarp =>
        Of<SumReduction, TWarp>(shared, thread, width, own, default);

    /// <summary>Their largest, NaN if one is.</summary>
    public static float Max<TWarp>(ArrayView<float> shared, int thread, int width, float own) where TWarp : struct, IWarp =>
        Of<AmaxReduction, TWarp>(shared, thread, width, own, default);
}
