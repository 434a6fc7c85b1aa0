using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Joins of the sixteen lanes, in an order that does not vary.</summary>
internal static class LaneJoins {
    private static readonly Vector512<int> Four = Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    private static readonly Vector512<int> Two = Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    private static readonly Vector512<int> One = Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);

    /// <summary>The sum of all lanes, in each lane.</summary>
    public static Vector512<float> Sum(Vector512<float> v) {
        v += Vector512.Create(v.GetUpper(), v.GetLower());
        v += Vector512.Shuffle(v, Four);
        v += Vector512.Shuffle(v, Two);
        return v + Vector512.Shuffle(v, One);
    }

    /// <summary>The largest of all lanes, in each lane.</summary>
    public static Vector512<float> Max(Vector512<float> v) {
        v = Vector512.Max(v, Vector512.Create(v.GetUpper(), v.GetLower()));
        v = Vector512.Max(v, Vector512.Shuffle(v, Four));
        v = Vector512.Max(v, Vector512.Shuffle(v, Two));
        return Vector512.Max(v, Vector512.Shuffle(v, One));
    }
}
