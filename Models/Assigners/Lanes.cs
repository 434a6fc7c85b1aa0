using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>What sixteen numbers have in common.</summary>
internal static class Lanes {
    /// <summary>The least of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Least(Vector512<float> x) {
        Vector256<float> half = Vector256.Min(x.GetLower(), x.GetUpper());
        Vector128<float> four = Vector128.Min(half.GetLower(), half.GetUpper());
        four = Vector128.Min(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Min(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The largest of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector512<float> x) => -Least(-x);
}
