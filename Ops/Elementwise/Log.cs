using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>ln x, elementwise; -∞ at 0, NaN below. Any shape.</summary>
    public static Tensor Log(Tensor x) => Unary(nameof(Log), x, new LogOp());

    internal readonly struct LogOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => Elementary.Log(x);
        public float Slope(float x, float y) => 1 / x;
        public Vector512<float> Apply(Vector512<float> x) => Elementary.Log(x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Vector512<float>.One / x;
    }
}
