using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>What follows a product while its results are still in the cache: a tensor added, a ReLU.</summary>
/// <param name="added">How far behind each result what is added to it lies, in numbers; 0 for nothing.</param>
/// <param name="relu">Whether a ReLU ends it.</param>
internal readonly struct GemmEnding(nint added, bool relu) {
    /// <summary>For results at <paramref name="y"/> to which <paramref name="residual"/>, of the same layout, is added.</summary>
    public static unsafe GemmEnding Of(float* y, float* residual, bool relu) => new(residual == null ? 0 : (nint)(residual - y), relu);

    /// <summary>Whether nothing follows.</summary>
    public bool IsNone => added == 0 && !relu;

    /// <summary>Ends sixteen results that belong at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Vector512<float> Apply(Vector512<float> value, float* at) {
        if (added != 0) value += Vector512.Load(at + added);
        return relu ? Vector512.AndNot(value, Vector512.LessThanOrEqual(value, Vector512<float>.Zero)) : value;
    }

    /// <summary>How far behind each result what is added to it lies, in numbers; 0 for nothing.</summary>
    public nint Added => added;

    /// <summary>Whether a ReLU ends it.</summary>
    public bool Relu => relu;

    /// <summary>Ends results that lie together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Apply(float* results, int count) {
        int i = 0;
        if (!Vector512.IsHardwareAccelerated) {
            for (; i + 4 <= count; i += 4) {   // wider vectors than the machine's are calls
                Vector128<float> value = Vector128.Load(results + i);
                if (added != 0) value += Vector128.Load(results + i + added);
                if (relu) value = Vector128.AndNot(value, Vector128.LessThanOrEqual(value, Vector128<float>.Zero));
                value.Store(results + i);
            }
        }
        for (; i + 16 <= count; i += 16) Apply(Vector512.Load(results + i), results + i).Store(results + i);
        for (; i < count; i++) {
            float value = results[i];
            if (added != 0) value += results[i + added];
            results[i] = relu && value <= 0 ? 0 : value;
        }
    }
}
