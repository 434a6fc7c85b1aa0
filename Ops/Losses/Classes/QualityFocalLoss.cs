using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Focal loss whose targets are qualities: with s = σ(pred), each entry costs sᵝ·-ln(1 - s), but a positive row's entry of its
    /// class |q - s|ᵝ·(-(1 - q)·ln(1 - s) - q·ln s), with q its quality. The factors' gradients count too; only pred has one. X. Li et al.,
    /// Generalized Focal Loss (2020), equation 5.</summary>
    /// <param name="pred">Logits [N, C].</param>
    /// <param name="label">Int32 [N]: the class, 0 to C-1; any other number is background.</param>
    /// <param name="score">q, float32 [N], from 0 to 1; read for positive rows.</param>
    /// <param name="beta">The focusing exponent β, at least 1.</param>
    /// <returns>The rows' sums over the classes [N].</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor QualityFocalLoss(Tensor pred, Tensor label, Tensor score, float beta = 2) {
        const string name = "QualityFocalLoss";
        Check.That(beta >= 1, $"{name}: beta is {beta}; at least 1 is needed.");
        return ClassRows(name, pred, label, score, new QualityFocalFormula(beta));
    }

    internal readonly struct QualityFocalFormula(float beta) : IClassLoss {
        private readonly LogisticCost other = new(1, beta);
        private readonly float beta = beta;

        public static bool ReadsScore => true;

        public bool Skips(int label) => false;

        public void Other(Vector512<float> x, out Vector512<float> cost, out Vector512<float> slope) => other.At(x, out cost, out slope);

        public float Other(float x, ref float slope) => other.At(x, ref slope);

        public float Own(float x, float score, ref float slope) {
            var at = new LogisticValue(x);
            float cost = (1 - score) * at.CostOfNo + score * at.CostOfYes;
            float distance = at.Yes - score, size = distance < 0 ? -distance : distance, less = size;
            if (beta != 2) less = Elementary.Pow(size, beta - 1);
            float sign = distance > 0 ? beta : distance < 0 ? -beta : 0;
            slope = distance * less * size + sign * less * cost * at.Yes * at.No;
            return cost * less * size;
        }
    }
}
