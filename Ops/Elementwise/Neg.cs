using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>-x, elementwise. Any shape.</summary>
    public static Tensor Neg(Tensor x) => Unary(nameof(Neg), x, new NegOp());

    internal readonly struct NegOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Nothing;
        public float Apply(float x) => -x;
        public float Slope(float x, float y) => -1;
        public Vector512<float> Apply(Vector512<float> x) => -x;
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => -Vector512<float>.One;
    }
}
