using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Loops over the channels of a pixel: vectors of 16, then one by one.</summary>
internal static unsafe class VectorLoops {
    /// <summary>Adds to neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* to, float* from, int count) {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (Vector512.Load(to + i) + Vector512.Load(from + i)).Store(to + i);
        for (; i < count; i++) to[i] += from[i];
    }

    /// <summary>Adds a multiple to neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* to, float* from, int count, float scale) {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (Vector512.Load(to + i) + Vector512.Load(from + i) * scale).Store(to + i);
        for (; i < count; i++) to[i] += from[i] * scale;
    }

    /// <summary>The mean of four pixels, weighted across and down.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend(float* to, float* topLeft, float* topRight, float* bottomLeft, float* bottomRight, int count, float right,
        float bottom) {
        float left = 1 - right, top = 1 - bottom;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) {
            V above = Vector512.Load(topLeft + i) * left + Vector512.Load(topRight + i) * right;
            V below = Vector512.Load(bottomLeft + i) * left + Vector512.Load(bottomRight + i) * right;
            (above * top + below * bottom).Store(to + i);
        }
        for (; i < count; i++)
            to[i] = (topLeft[i] * left + topRight[i] * right) * top + (bottomLeft[i] * left + bottomRight[i] * right) * bottom;
    }
}
