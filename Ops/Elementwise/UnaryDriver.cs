using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Elements a thread takes at a time; fewer are not worth waking another.</summary>
    internal const int ElementwiseGrain = 1 << 14;

    /// <summary>Runs an elementwise function and records it.</summary>
    private static Tensor Unary<TOp>(string name, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        Check.Type(name, "x", x, DType.Float32);
        var y = new Tensor(x.Device, x.Shape);
        Run(x.Device, (y, x, op), static (host, a) => UnaryHost(host, a.y, a.x, a.op), static (gpu, a) => UnaryGpu(gpu, a.y, a.x, a.op));
        return Tape.Wants(x) ? RecordUnary(y, x, op) : y;
    }

    private static Tensor RecordUnary<TOp>(Tensor y, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        Tensor? kept = TOp.Keeps switch { Keeps.Input => x, Keeps.Output => y, _ => null };
        return Tape.Record(y, [x], kept is null ? [] : [kept], (dy, saved) =>
            [UnaryBackward(dy, TOp.Keeps == Keeps.Nothing ? dy : saved[0], op)]);
    }

    private static Tensor UnaryBackward<TOp>(Tensor dy, Tensor kept, TOp op) where TOp : unmanaged, IUnaryOp {
        var dx = new Tensor(dy.Device, dy.Shape);
        Run(dy.Device, host => UnarySlopeHost(host, dx, dy, kept, op), gpu => UnarySlopeGpu(gpu, dx, dy, kept, op));
        return dx;
    }

    private static unsafe void UnaryHost<TOp>(HostDevice host, Tensor y, Tensor x, TOp op) where TOp : unmanaged, IUnaryOp {
        float* from = x.Pointer, to = y.Pointer;
        host.Workers.ForRange(x.Count, ElementwiseGrain, (start, end) => UnaryLoop(to, from, start, end, op));
    }

    private static unsafe void UnarySlopeHost<TOp>(HostDevice host, Tensor dx, Tensor dy, Tensor kept, TOp op)
        where TOp : unmanaged, IUnaryOp {
        float* to = dx.Pointer, gradient = dy.Pointer, value = kept.Pointer;
        host.Workers.ForRange(dx.Count, ElementwiseGrain, (start, end) => UnarySlopeLoop(to, gradient, value, start, end, op));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void UnaryLoop<TOp>(float* y, float* x, int start, int end, TOp op) where TOp : unmanaged, IUnaryOp {
        int i = start;
        for (; i + 16 <= end; i += 16) op.Apply(Vector512.Load(x + i)).Store(y + i);
        for (; i < end; i++) y[i] = op.Apply(x[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void UnarySlopeLoop<TOp>(float* dx, float* dy, float* kept, int start, int end, TOp op)
        where TOp : unmanaged, IUnaryOp {
        int i = start;
        for (; i + 16 <= end; i += 16) {
            Vector512<float> value = Vector512.Load(kept + i);
            (Vector512.Load(dy + i) * op.Slope(value, value)).Store(dx + i);
        }
        for (; i < end; i++) dx[i] = dy[i] * op.Slope(kept[i], kept[i]);
    }
}
