using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Varifocal loss: with s = σ(pred), a positive row's entry of its class, whose target is a quality q above 0, costs w·(-(1 -
    /// q)·ln(1 - s) - q·ln s), where w is q or 1; every other entry α·sᵞ·-ln(1 - s), that of a quality 0 too. The factor's gradient counts
    /// too; only pred has one. H. Zhang et al., VarifocalNet (2020), equation 2.</summary>
    /// <param name="pred">Logits [N, C].</param>
    /// <param name="label">Int32 [N]: the class, 0 to C-1; any other number is background.</param>
    /// <param name="score">q, float32 [N], from 0 to 1; read for positive rows.</param>
    /// <param name="alpha">α.</param>
    /// <param name="gamma">The focusing exponent γ, at least 0.</param>
    /// <param name="iouWeighted">Whether w is q.</param>
    /// <param name="entries">Whether all entries are wanted instead of the rows' sums.</param>
    /// <returns>The rows' sums over the classes [N], or the entries [N, C].</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor VarifocalLoss(Tensor pred, Tensor label, Tensor score, float alpha = 0.75f, float gamma = 2,
        bool iouWeighted = true, bool entries = false) {
        const string name = "VarifocalLoss";
        Check.That(gamma >= 0, $"{name}: gamma is {gamma}; at least 0 is needed.");
        var formula = new VarifocalFormula(alpha, gamma, iouWeighted ? 1 : 0);
        return entries ? ClassEntries(name, pred, label, score, formula) : ClassRows(name, pred, label, score, formula);
    }

    internal readonly struct VarifocalFormula(float alpha, float gamma, int iouWeighted) : IClassLoss {
        private readonly LogisticCost other = new(alpha, gamma);
        private readonly int iouWeighted = iouWeighted;

        public static bool ReadsScore => true;

        public bool Skips(int label) => false;

        public void Other(Vector512<float> x, out Vector512<float> cost, out Vector512<float> slope) => other.At(x, out cost, out slope);

        public float Other(float x, ref float slope) => other.At(x, ref slope);

        public float Own(float x, float score, ref float slope) {
            if (!(score > 0)) return other.At(x, ref slope);
            var at = new LogisticValue(x);
            float weight = iouWeighted != 0 ? score : 1;
            slope = weight * ((1 - score) * at.Yes - score * at.No);
            return weight * ((1 - score) * at.CostOfNo + score * at.CostOfYes);
        }
    }
}
