using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>y = x - ln Σ eˣ along an axis. Gradient: dx = dy - eʸ·Σ dy.</summary>
    /// <param name="x">Float32, any shape but a scalar's.</param>
    /// <param name="axis">The axis along which the exponentials sum to one.</param>
    /// <returns>x's shape.</returns>
    /// <exception cref="ShapeException">The axis does not exist.</exception>
    public static Tensor LogSoftmax(Tensor x, int axis = -1) {
        Check.Type("LogSoftmax", "x", x, DType.Float32);
        var geometry = new AxisGeometry(x.Shape, axis);
        var y = new Tensor(x.Device, x.Shape);
        Run(x.Device, host => LineHost.Run(host, y, x, null, geometry, new LogSoftmaxLines()),
            gpu => SoftmaxGpu(gpu, y, x, geometry, log: 1));
        return Tape.Record(y, [x], [y], (dy, saved) => {
            var dx = new Tensor(dy.Device, dy.Shape);
            Run(dy.Device, host => LineHost.Run(host, dx, saved[0], dy, geometry, new LogSoftmaxGradientLines()),
                gpu => SoftmaxGradientGpu(gpu, dx, saved[0], dy, geometry, log: 1));
            return [dx];
        });
    }
}

/// <summary>(x - m) - ln Σ e^(x - m), with m the line's largest value.</summary>
internal readonly struct LogSoftmaxLines : ILineOp {
    public float Padding => float.NegativeInfinity;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Apply(float* y, float* a, float* b, int steps, int stride, bool across) {
        V max = SoftmaxLines.Largest(a, steps, stride, across), sum = V.Zero;
        for (int i = 0; i < steps; i++) sum += Elementary.Exp(Vector512.Load(a + i * stride) - max);
        if (across) sum = LaneJoins.Sum(sum);
        V log = Elementary.Log(sum);
        for (int i = 0; i < steps; i++) (Vector512.Load(a + i * stride) - max - log).Store(y + i * stride);
    }
}

/// <summary>dy - eʸ·Σ dy, of y and dy.</summary>
internal readonly struct LogSoftmaxGradientLines : ILineOp {
    public float Padding => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Apply(float* y, float* a, float* b, int steps, int stride, bool across) {
        V sum = V.Zero;
        for (int i = 0; i < steps; i++) sum += Vector512.Load(b + i * stride);
        if (across) sum = LaneJoins.Sum(sum);
        for (int i = 0; i < steps; i++) {
            V p = Elementary.Exp(Vector512.Load(a + i * stride));
            (Vector512.Load(b + i * stride) - p * sum).Store(y + i * stride);
        }
    }
}
