using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary><paramref name="scale"/>·x + <paramref name="shift"/>, elementwise. Any shape.</summary>
    public static Tensor Affine(Tensor x, float scale, float shift) => Unary(nameof(Affine), x, new AffineOp(scale, shift));

    internal readonly struct AffineOp(float scale, float shift) : IUnaryOp {
        public static Keeps Keeps => Keeps.Nothing;
        public float Apply(float x) => scale * x + shift;
        public float Slope(float x, float y) => scale;
        public Vector512<float> Apply(Vector512<float> x) => x * scale + Vector512.Create(shift);
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Vector512.Create(scale);
    }
}
