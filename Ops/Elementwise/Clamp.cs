using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>x held between <paramref name="min"/> and <paramref name="max"/>, elementwise; NaN stays; where min is above max,
    /// everything is max. Any shape. The gradient passes where min ≤ x ≤ max, the bounds included.</summary>
    public static Tensor Clamp(Tensor x, float min, float max) => Unary(nameof(Clamp), x, new ClampOp(min, max));

    internal readonly struct ClampOp(float min, float max) : IUnaryOp {
        public static Keeps Keeps => Keeps.Input;
        public float Apply(float x) => x > max || min > max ? max : x < min ? min : x;
        public float Slope(float x, float y) => x >= min && x <= max ? 1f : 0f;
        public Vector512<float> Apply(Vector512<float> x) =>
            Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(max))
                | Vector512.GreaterThan(Vector512.Create(min), Vector512.Create(max)), Vector512.Create(max),
                Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(min)), Vector512.Create(min), x));
        public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
            Vector512<float>.One & Vector512.GreaterThanOrEqual(x, Vector512.Create(min))
                & Vector512.LessThanOrEqual(x, Vector512.Create(max));
    }
}
