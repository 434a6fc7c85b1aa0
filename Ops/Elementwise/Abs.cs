using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>|x|, elementwise. Any shape. The gradient at 0 is 0.</summary>
    public static Tensor Abs(Tensor x) => Unary(nameof(Abs), x, new AbsOp());

    internal readonly struct AbsOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => x < 0 ? -x : x;
        public float Slope(float x, float y) => x > 0 ? 1 : x < 0 ? -1 : 0;
        public Vector512<float> Apply(Vector512<float> x) => Vector512.Abs(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            (Vector512<float>.One & Vector512.GreaterThan(x, Vector512<float>.Zero))
                - (Vector512<float>.One & Vector512.LessThan(x, Vector512<float>.Zero));
    }
}
