using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Each channel's values that are the largest of the window around them; all other places become 0. Of equal neighbours all
    /// stay. Gradient: to the places that stay.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="size">The window's width and height in pixels: an odd number.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">The rank is not 4, or the size even or below 1.</exception>
    public static Tensor LocalMaxima(Tensor x, int size = 3) {
        Check.That(size % 2 == 1 && size > 0, $"LocalMaxima: the window's size is {size}; an odd one is needed.");
        if (size == 1 || x.Count == 0) return Affine(x, 1, 0);
        using Tensor largest = MaxPool2d(x.Detach(), size, 1, size / 2);
        return Binary<WhereEqualOp>(nameof(LocalMaxima), x, largest);
    }

    internal readonly struct WhereEqualOp : IBinaryOp {
        public static bool KeepsInputs => true;
        public static float Apply(float a, float b) => a == b ? a : 0;
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => a & Vector512.Equals(a, b);
        public static float SlopeA(float a, float b) => a == b ? 1 : 0;
        public static Vector512<float> SlopeA(Vector512<float> a, Vector512<float> b) => Vector512<float>.One & Vector512.Equals(a, b);
        public static float SlopeB(float a, float b) => 0;
        public static Vector512<float> SlopeB(Vector512<float> a, Vector512<float> b) => Vector512<float>.Zero;
    }
}
