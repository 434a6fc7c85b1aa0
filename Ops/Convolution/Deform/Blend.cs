using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>A run of channels between four pixels. Vectors wider than the machine's are calls, hence the choices.</summary>
internal readonly unsafe struct Blend(float* upperLeft, float* upperRight, float* lowerLeft, float* lowerRight, DeformSpot spot,
    float scale) {
    private readonly float shareUpperLeft = spot.UpperLeft * scale, shareUpperRight = spot.UpperRight * scale,
        shareLowerLeft = spot.LowerLeft * scale, shareLowerRight = spot.LowerRight * scale;

    /// <summary>Writes the first channels: whole blocks of 16 some numbers apart, and what is left behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* to, nint blockStride, int count) {
        int i = 0;
        if (Vector512.IsHardwareAccelerated) {
            for (; i + 16 <= count; i += 16, to += blockStride) Sixteen(i).Store(to);
        } else if (Vector256.IsHardwareAccelerated) {
            for (; i + 16 <= count; i += 16, to += blockStride) {
                Eight(i).Store(to);
                Eight(i + 8).Store(to + 8);
            }
        } else {
            for (; i + 16 <= count; i += 16, to += blockStride)
                for (int j = 0; j < 16; j += 4) Four(i + j).Store(to + j);
        }
        for (; i + 4 <= count; i += 4, to += 4) Four(i).Store(to);
        for (; i < count; i++, to++)
            *to = upperLeft[i] * shareUpperLeft + upperRight[i] * shareUpperRight
                + (lowerLeft[i] * shareLowerLeft + lowerRight[i] * shareLowerRight);
    }

    /// <summary>Writes zeros in the same way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zero(float* to, nint blockStride, int count) {
        to = Copy.ZeroBlocks(to, count / 16 * 16, blockStride);
        for (int i = 0; i < count % 16; i++) to[i] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Sixteen(int i) => Vector512.Load(upperLeft + i) * shareUpperLeft
        + Vector512.Load(upperRight + i) * shareUpperRight
        + (Vector512.Load(lowerLeft + i) * shareLowerLeft + Vector512.Load(lowerRight + i) * shareLowerRight);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Eight(int i) => Vector256.Load(upperLeft + i) * shareUpperLeft
        + Vector256.Load(upperRight + i) * shareUpperRight
        + (Vector256.Load(lowerLeft + i) * shareLowerLeft + Vector256.Load(lowerRight + i) * shareLowerRight);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<float> Four(int i) => Vector128.Load(upperLeft + i) * shareUpperLeft
        + Vector128.Load(upperRight + i) * shareUpperRight
        + (Vector128.Load(lowerLeft + i) * shareLowerLeft + Vector128.Load(lowerRight + i) * shareLowerRight);
}
