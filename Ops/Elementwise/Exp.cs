using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>eˣ, elementwise. Any shape.</summary>
    public static Tensor Exp(Tensor x) => Unary(nameof(Exp), x, new ExpOp());

    internal readonly struct ExpOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Output;
        public float Apply(float x) => Elementary.Exp(x);
        public float Slope(float x, float y) => y;
        public Vector512<float> Apply(Vector512<float> x) => Elementary.Exp(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => y;
    }
}
