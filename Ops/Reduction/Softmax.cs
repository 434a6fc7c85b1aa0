using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = eˣ / Σ eˣ along an axis. -∞ gives 0, and no gradient. Gradient: dx = y·(dy - Σ dy·y).</summary>
    /// <param name="x">Float32, any shape but a scalar's.</param>
    /// <param name="axis">The axis along which the values sum to one.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static Tensor Softmax(Tensor x, int axis = -1) {
        Check.Type("Softmax", "x", x, DType.Float32);
        var geometry = new AxisGeometry(x.Shape, axis);
        var y = new Tensor(x.Device, x.Shape);
        Run(x.Device, host => LineHost.Run(host, y, x, null, geometry, new SoftmaxLines()),
            gpu => SoftmaxGpu(gpu, y, x, geometry, log: 0));
        return Tape.Record(y, [x], [y], (dy, saved) => {
            var dx = new Tensor(dy.Device, dy.Shape);
            Run(dy.Device, host => LineHost.Run(host, dx, saved[0], dy, geometry, new SoftmaxGradientLines()),
                gpu => SoftmaxGradientGpu(gpu, dx, saved[0], dy, geometry, log: 0));
            return [dx];
        });
    }
}

/// <summary>eˣ / Σ eˣ, with the line's largest value subtracted first.</summary>
internal readonly struct SoftmaxLines : ILineOp {
    public float Padding => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Apply(float* y, float* a, float* b, int steps, int stride, bool across) {
        V max = Largest(a, steps, stride, across), sum = V.Zero;
        for (int i = 0; i < steps; i++) {
            V e = Elementary.Exp(Vector512.Load(a + i * stride) - max);
            sum += e;
            e.Store(y + i * stride);
        }
        if (across) sum = LaneJoins.Sum(sum);
        V share = V.One / sum;
        for (int i = 0; i < steps; i++) (Vector512.Load(y + i * stride) * share).Store(y + i * stride);
    }

    /// <summary>Each line's largest value, in its lane or in all of them.</summary>
    public static unsafe V Largest(float* a, int steps, int stride, bool across) {
        V max = Vector512.Load(a);
        for (int i = 1; i < steps; i++) max = Vector512.Max(max, Vector512.Load(a + i * stride));
        return across ? LaneJoins.Max(max) : max;
    }
}

/// <summary>y·(dy - Σ dy·y), of y and dy.</summary>
internal readonly struct SoftmaxGradientLines : ILineOp {
    public float Padding => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Apply(float* y, float* a, float* b, int steps, int stride, bool across) {
        V sum = V.Zero;
        for (int i = 0; i < steps; i++) sum += Vector512.Load(a + i * stride) * Vector512.Load(b + i * stride);
        if (across) sum = LaneJoins.Sum(sum);
        for (int i = 0; i < steps; i++)
            (Vector512.Load(a + i * stride) * (Vector512.Load(b + i * stride) - sum)).Store(y + i * stride);
    }
}
