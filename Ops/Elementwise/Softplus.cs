using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>ln(1 + e^βx) / β, elementwise; x itself where βx is above the threshold. Any shape.</summary>
    public static Tensor Softplus(Tensor x, float beta = 1, float threshold = 20) =>
        Unary(nameof(Softplus), x, new SoftplusOp(beta, threshold));

    internal readonly struct SoftplusOp(float beta, float threshold) : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => beta * x > threshold ? x : Elementary.Softplus(beta * x) / beta;
        public float Slope(float x, float y) => beta * x > threshold ? 1 : Elementary.Sigmoid(beta * x);
        public Vector512<float> Apply(Vector512<float> x) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(x * beta, Vector512.Create(threshold)), x,
                Elementary.Softplus(x * beta) / beta);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(x * beta, Vector512.Create(threshold)), Vector512<float>.One,
                Elementary.Sigmoid(x * beta));
    }
}
