using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x where x > 0, otherwise <paramref name="negativeSlope"/>·x, elementwise. Any shape. The gradient at 0 is the negative
    /// slope.</summary>
    public static Tensor LeakyRelu(Tensor x, float negativeSlope = 0.01f) => Unary(nameof(LeakyRelu), x, new LeakyReluOp(negativeSlope));

    internal readonly struct LeakyReluOp(float negativeSlope) : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => x > 0 ? x : negativeSlope * x;
        public float Slope(float x, float y) => x > 0 ? 1 : negativeSlope;
        public Vector512<float> Apply(Vector512<float> x) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, x * negativeSlope);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One,
                Vector512.Create(negativeSlope));
    }
}
