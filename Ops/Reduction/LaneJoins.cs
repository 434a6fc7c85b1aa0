using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Joins of the sixteen lanes, in an order that does not vary: halves, then quarters, pairs, neighbours.</summary>
internal static class LaneJoins {
    /// <summary>The sum of all lanes, in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sum(V v) {
        v += Halves(v);
        v += Quarters(v);
        v += Pairs(v);
        return v + Neighbours(v);
    }

    /// <summary>The largest of all lanes, in each lane; NaN if one is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max(V v) {
        v = Vector512.Max(v, Halves(v));
        v = Vector512.Max(v, Quarters(v));
        v = Vector512.Max(v, Pairs(v));
        return Vector512.Max(v, Neighbours(v));
    }

    /// <summary>Each half where the other was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Halves(V v) => Vector512.Shuffle(v, Vector512.Create(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));

    /// <summary>Each four lanes where their neighbours were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Quarters(V v) => Vector512.Shuffle(v, Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));

    /// <summary>Each two lanes where their neighbours were.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Pairs(V v) => Vector512.Shuffle(v, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));

    /// <summary>Each lane where its neighbour was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Neighbours(V v) => Vector512.Shuffle(v, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}
