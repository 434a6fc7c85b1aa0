using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>max(x, 0), elementwise; NaN stays. Any shape. The gradient at 0 is 0.</summary>
    public static Tensor Relu(Tensor x) => Unary(nameof(Relu), x, new ReluOp());

    internal readonly struct ReluOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Output;
        public float Apply(float x) => x <= 0 ? 0 : x;
        public float Slope(float x, float y) => y > 0 ? 1f : 0f;
        public Vector512<float> Apply(Vector512<float> x) => Vector512.AndNot(x, Vector512.LessThanOrEqual(x, Vector512<float>.Zero));
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            Vector512<float>.One & Vector512.GreaterThan(y, Vector512<float>.Zero);
    }
}
