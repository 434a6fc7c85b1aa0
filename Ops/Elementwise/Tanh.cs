using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The hyperbolic tangent, elementwise. Any shape.</summary>
    public static Tensor Tanh(Tensor x) => Unary(nameof(Tanh), x, new TanhOp());

    internal readonly struct TanhOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Output;
        public float Apply(float x) => Elementary.Tanh(x);
        public float Slope(float x, float y) => 1 - y * y;
        public Vector512<float> Apply(Vector512<float> x) => Elementary.Tanh(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Vector512<float>.One - y * y;
    }
}
