using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>√x, elementwise; NaN below 0. Any shape. The gradient at 0 is +∞.</summary>
    public static Tensor Sqrt(Tensor x) => Unary(nameof(Sqrt), x, new SqrtOp());

    internal readonly struct SqrtOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Output;
        public float Apply(float x) => MathF.Sqrt(x);
        public float Slope(float x, float y) => 0.5f / y;
        public Vector512<float> Apply(Vector512<float> x) => Vector512.Sqrt(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Vector512.Create(0.5f) / y;
    }
}
