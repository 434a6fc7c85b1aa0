using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary><see cref="QualityFocalLoss"/> of probabilities p instead of logits. Logarithms count as at least -100, and slopes have at
    /// least 1e-12 as p·(1 - p), as in PyTorch's <c>binary_cross_entropy</c>. X. Li et al., Generalized Focal Loss V2 (2021).</summary>
    /// <param name="pred">p [N, C], from 0 to 1.</param>
    /// <param name="label">Int32 [N]: the class, 0 to C-1; any other number is background.</param>
    /// <param name="score">The quality, float32 [N], from 0 to 1; read for positive rows.</param>
    /// <param name="beta">The focusing exponent β, at least 1.</param>
    /// <returns>The rows' sums over the classes [N].</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor QualityFocalLossOfProbabilities(Tensor pred, Tensor label, Tensor score, float beta = 2) {
        const string name = "QualityFocalLossOfProbabilities";
        Check.That(beta >= 1, $"{name}: beta is {beta}; at least 1 is needed.");
        return ClassRows(name, pred, label, score, new ProbabilityFocalFormula(beta));
    }

    internal readonly struct ProbabilityFocalFormula(float beta) : IClassLoss {
        private const float LeastLog = -100, LeastVariance = 1e-12f;

        private readonly float beta = beta;

        public static bool ReadsScore => true;

        public bool Skips(int label) => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Other(V x, out V cost, out V slope) {
            V no = V.One - x, log = -Vector512.Max(Elementary.Log(no), Vector512.Create(LeastLog));
            V less = beta == 2 ? x : Elementary.Exp(Elementary.Log(x) * (beta - 1)), factor = less * x;
            cost = factor * log;
            slope = factor * (x / Vector512.Max(x * no, Vector512.Create(LeastVariance))) + beta * less * log;
        }

        public float Other(float x, ref float slope) {
            float no = 1 - x, log = -AtLeast(Elementary.Log(no), LeastLog), less = x;
            if (beta != 2) less = Elementary.Exp(Elementary.Log(x) * (beta - 1));
            float factor = less * x;
            slope = factor * (x / AtLeast(x * no, LeastVariance)) + beta * less * log;
            return factor * log;
        }

        public float Own(float x, float score, ref float slope) {
            float no = 1 - x;
            float cost = -(1 - score) * AtLeast(Elementary.Log(no), LeastLog) - score * AtLeast(Elementary.Log(x), LeastLog);
            float distance = x - score, size = distance < 0 ? -distance : distance, less = size;
            if (beta != 2) less = Elementary.Pow(size, beta - 1);
            float sign = distance > 0 ? beta : distance < 0 ? -beta : 0;
            slope = less * size * (distance / AtLeast(x * no, LeastVariance)) + sign * less * cost;
            return cost * less * size;
        }

        /// <summary>NaN stays, as in the vectors' maximum.</summary>
        private static float AtLeast(float x, float least) => x < least ? least : x;
    }
}
