using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>The four values that losses on logits are made of, for sixteen logits, from one exponential e^-|x|; each keeps its relative
/// accuracy in both tails.</summary>
internal readonly struct Logistic {
    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public readonly V Yes;

    /// <summary>1 / (1 + eˣ).</summary>
    public readonly V No;

    /// <summary>-ln Yes = ln(1 + e⁻ˣ).</summary>
    public readonly V CostOfYes;

    /// <summary>-ln No = ln(1 + eˣ).</summary>
    public readonly V CostOfNo;

    /// <summary>The values at x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Logistic(V x) {
        V negative = Vector512.LessThan(x, V.Zero), below = x | Vector512.Create(-0f);   // -|x|
        V e = Elementary.Exp(below);
        V near = V.One / (V.One + e), far = e * near, log = Elementary.Log1pOfUnit(e);
        Yes = Vector512.ConditionalSelect(negative, far, near);
        No = Vector512.ConditionalSelect(negative, near, far);
        CostOfYes = log - (negative & below);
        CostOfNo = log - Vector512.AndNot(below, negative);
    }
}
