using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>ln(1 / (1 + e⁻ˣ)) = min(x, 0) - ln(1 + e^-|x|), elementwise. Any shape.</summary>
    public static Tensor LogSigmoid(Tensor x) => Unary(nameof(LogSigmoid), x, new LogSigmoidOp());

    internal readonly struct LogSigmoidOp : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => -Elementary.Softplus(-x);
        public float Slope(float x, float y) => Elementary.Sigmoid(-x);
        public Vector512<float> Apply(Vector512<float> x) => -Elementary.Softplus(-x);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Elementary.Sigmoid(-x);
    }
}
