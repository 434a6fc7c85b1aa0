using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>What follows a norm in the same pass, and which gradients come through it: a type that the loops are specialised for.</summary>
internal unsafe interface INormEnding {
    /// <summary>The value; <paramref name="added"/> points at what may be added.</summary>
    static abstract float End(float y, float* added);

    /// <summary>The value in each lane.</summary>
    static abstract V End(V y, float* added);

    /// <summary>The gradient of the norm's result, which was apart·scale + bias, from that of the value.</summary>
    static abstract float Open(float dy, float apart, float scale, float* bias);

    /// <summary>The gradient in each lane.</summary>
    static abstract V Open(V dy, V apart, V scale, float* bias);
}

/// <summary>Nothing follows.</summary>
internal readonly unsafe struct Plain : INormEnding {
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float End(float y, float* added) => y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V End(V y, float* added) => y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(float dy, float apart, float scale, float* bias) => dy;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Open(V dy, V apart, V scale, float* bias) => dy;
}

/// <summary>A ReLU follows. Whether it let a value through is computed again, by the same operations as then: the value need not be kept,
/// nor read.</summary>
internal readonly unsafe struct Rectified : INormEnding {
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float End(float y, float* added) => y <= 0 ? 0 : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V End(V y, float* added) => Vector512.AndNot(y, Vector512.LessThanOrEqual(y, V.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Open(float dy, float apart, float scale, float* bias) => apart * scale + *bias > 0 ? dy : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Open(V dy, V apart, V scale, float* bias) =>
        dy & Vector512.GreaterThan(apart * scale + Vector512.Load(bias), V.Zero);
}

/// <summary>A sum and a ReLU follow; for values only.</summary>
internal readonly unsafe struct RectifiedSum : INormEnding {
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float End(float y, float* added) => Rectified.End(y + *added, added);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V End(V y, float* added) => Rectified.End(y + Vector512.Load(added), added);

    public static float Open(float dy, float apart, float scale, float* bias) => throw new System.Diagnostics.UnreachableException();

    public static V Open(V dy, V apart, V scale, float* bias) => throw new System.Diagnostics.UnreachableException();
}
