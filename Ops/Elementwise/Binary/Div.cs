using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>a / b, elementwise. The operands broadcast as in NumPy; gradients are summed over repeated axes.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Div(Tensor a, Tensor b) => Binary<DivOp>(nameof(Div), a, b);

    internal readonly struct DivOp : IBinaryOp {
        public static bool KeepsInputs => true;
        public static float Apply(float a, float b) => a / b;
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => a / b;
        public static float SlopeA(float a, float b) => 1 / b;
        public static Vector512<float> SlopeA(Vector512<float> a, Vector512<float> b) => Vector512<float>.One / b;
        public static float SlopeB(float a, float b) => -a / (b * b);
        public static Vector512<float> SlopeB(Vector512<float> a, Vector512<float> b) => -a / (b * b);
    }
}
