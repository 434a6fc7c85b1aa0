using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>1 / (1 + e⁻ˣ), elementwise, accurate in relative terms on both sides. Any shape.</summary>
    public static Tensor Sigmoid(Tensor x) => Unary(nameof(Sigmoid), x, new SigmoidOp());

    internal readonly struct SigmoidOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Output;
        public float Apply(float x) => Elementary.Sigmoid(x);
        public float Slope(float x, float y) => y * (1 - y);
        public Vector512<float> Apply(Vector512<float> x) => Elementary.Sigmoid(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => y * (Vector512<float>.One - y);
    }
}
