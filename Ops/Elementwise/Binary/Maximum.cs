using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The larger of a and b, elementwise; NaN wins. At ties each operand gets half of the gradient. The operands broadcast as in
    /// NumPy; gradients are summed over repeated axes.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Maximum(Tensor a, Tensor b) => Binary<MaximumOp>(nameof(Maximum), a, b);

    internal readonly struct MaximumOp : IBinaryOp {
        public static bool KeepsInputs => true;
        public static float Apply(float a, float b) => a > b || float.IsNaN(a) ? a : b;
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(a, b) | ~Vector512.Equals(a, a), a, b);
        public static float SlopeA(float a, float b) => Share(a, b);
        public static Vector512<float> SlopeA(Vector512<float> a, Vector512<float> b) => Share(a, b);
        public static float SlopeB(float a, float b) => Share(b, a);
        public static Vector512<float> SlopeB(Vector512<float> a, Vector512<float> b) => Share(b, a);

        /// <summary>The part of the gradient that the first gets.</summary>
        private static float Share(float mine, float other) => mine > other ? 1 : mine == other ? 0.5f : 0;

        private static Vector512<float> Share(Vector512<float> mine, Vector512<float> other) =>
            (Vector512<float>.One & Vector512.GreaterThan(mine, other)) + (Vector512.Create(0.5f) & Vector512.Equals(mine, other));
    }
}
