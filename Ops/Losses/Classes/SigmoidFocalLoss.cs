using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Focal loss: with s = σ(pred), the entry of a row's class costs α·(1 - s)ᵞ·-ln s, every other (1 - α)·sᵞ·-ln(1 - s). The
    /// factors' gradients count too; only pred has one. T.-Y. Lin et al., Focal Loss for Dense Object Detection (2017), equation
    /// 5.</summary>
    /// <param name="pred">Logits [N, C].</param>
    /// <param name="label">Int32 [N]: the class, 0 to C-1; C or more is background; rows below 0 are left out: they cost 0.</param>
    /// <param name="gamma">The focusing exponent γ, at least 0.</param>
    /// <param name="alpha">α.</param>
    /// <param name="entries">Whether all entries are wanted instead of the rows' sums.</param>
    /// <returns>The rows' sums over the classes [N], or the entries [N, C].</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor SigmoidFocalLoss(Tensor pred, Tensor label, float gamma = 2, float alpha = 0.25f, bool entries = false) {
        const string name = "SigmoidFocalLoss";
        Check.That(gamma >= 0, $"{name}: gamma is {gamma}; at least 0 is needed.");
        var formula = new FocalFormula(gamma, alpha);
        return entries ? ClassEntries(name, pred, label, null, formula) : ClassRows(name, pred, label, null, formula);
    }

    internal readonly struct FocalFormula(float gamma, float alpha) : IClassLoss {
        private readonly LogisticCost other = new(1 - alpha, gamma), own = new(alpha, gamma);

        public static bool ReadsScore => false;

        public bool Skips(int label) => label < 0;

        public void Other(Vector512<float> x, out Vector512<float> cost, out Vector512<float> slope) => other.At(x, out cost, out slope);

        public float Other(float x, ref float slope) => other.At(x, ref slope);

        /// <summary>The same with the logit's sign turned.</summary>
        public float Own(float x, float score, ref float slope) {
            float cost = own.At(-x, ref slope);
            slope = -slope;
            return cost;
        }
    }
}
