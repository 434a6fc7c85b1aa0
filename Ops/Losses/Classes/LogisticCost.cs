using System.Runtime.CompilerServices;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>What focal losses on logits ask of an entry that is not its row's class: w·σᵞ·-ln(1 - σ).</summary>
/// <param name="weight">w.</param>
/// <param name="exponent">γ.</param>
internal readonly struct LogisticCost(float weight, float exponent) {
    private readonly float weight = weight, exponent = exponent;

    /// <summary>Sixteen costs and slopes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(V x, out V cost, out V slope) {
        var at = new Logistic(x);
        V factor = weight * (exponent == 2 ? at.Yes * at.Yes : Elementary.Exp(at.CostOfYes * -exponent));   // σᵞ = e^(γ ln σ)
        cost = factor * at.CostOfNo;
        slope = factor * (at.Yes + exponent * at.No * at.CostOfNo);
    }

    /// <summary>One cost and slope.</summary>
    public float At(float x, ref float slope) {
        var at = new LogisticValue(x);
        float power = at.Yes * at.Yes;
        if (exponent != 2) power = Elementary.Exp(at.CostOfYes * -exponent);
        float factor = weight * power;
        slope = factor * (at.Yes + exponent * at.No * at.CostOfNo);
        return factor * at.CostOfNo;
    }
}
