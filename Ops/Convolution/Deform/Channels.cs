using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Short loops along channels. Vectors wider than the machine's are calls, hence the choices.</summary>
internal static unsafe class Channels {
    /// <summary>Σ a·b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int count) {
        int i = 0;
        float sum = 0;
        if (Vector512.IsHardwareAccelerated && count >= 16) {
            Vector512<float> total = Vector512.Load(a) * Vector512.Load(b);
            for (i = 16; i + 16 <= count; i += 16)
                total = Vector512.MultiplyAddEstimate(Vector512.Load(a + i), Vector512.Load(b + i), total);
            sum = Vector512.Sum(total);
        } else if (Vector256.IsHardwareAccelerated && count >= 8) {
            Vector256<float> total = Vector256.Load(a) * Vector256.Load(b);
            for (i = 8; i + 8 <= count; i += 8) total = Vector256.MultiplyAddEstimate(Vector256.Load(a + i), Vector256.Load(b + i), total);
            sum = Vector256.Sum(total);
        } else if (count >= 4) {
            Vector128<float> total = Vector128.Load(a) * Vector128.Load(b);
            for (i = 4; i + 4 <= count; i += 4) total += Vector128.Load(a + i) * Vector128.Load(b + i);
            sum = Vector128.Sum(total);
        }
        for (; i < count; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>to += from · share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(float* from, float share, float* to, int count) {
        int i = 0;
        if (Vector512.IsHardwareAccelerated) {
            for (; i + 16 <= count; i += 16) (Vector512.Load(to + i) + Vector512.Load(from + i) * share).Store(to + i);
        }
        if (Vector256.IsHardwareAccelerated) {
            for (; i + 8 <= count; i += 8) (Vector256.Load(to + i) + Vector256.Load(from + i) * share).Store(to + i);
        }
        for (; i + 4 <= count; i += 4) (Vector128.Load(to + i) + Vector128.Load(from + i) * share).Store(to + i);
        for (; i < count; i++) to[i] += from[i] * share;
    }
}
