using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x to the power <paramref name="exponent"/>, elementwise; an exponent of 0 gives 1 with gradient 0, at 0 too.
    /// Any shape.</summary>
    public static Tensor Pow(Tensor x, float exponent) => Unary(nameof(Pow), x, new PowOp(exponent));

    internal readonly struct PowOp(float exponent) : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => Elementary.Pow(x, exponent);
        public float Slope(float x, float y) => exponent == 0 ? 0 : exponent * Elementary.Pow(x, exponent - 1);
        public Vector512<float> Apply(Vector512<float> x) => Each(x, exponent, 1);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            exponent == 0 ? Vector512<float>.Zero : Each(x, exponent - 1, exponent);

        /// <summary>Lane by lane: exponents other than small whole ones are rare.</summary>
        private static Vector512<float> Each(Vector512<float> x, float exponent, float factor) {
            Vector512<float> y = x;
            for (int lane = 0; lane < 16; lane++) y = y.WithElement(lane, factor * Elementary.Pow(x[lane], exponent));
            return y;
        }
    }
}
