using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>An elementwise function of two tensors with its derivatives, as a type that the loops are specialised for. Bodies for one
/// element and for sixteen must give the same bits.</summary>
internal interface IBinaryOp {
    /// <summary>Whether the derivatives read the operands.</summary>
    static abstract bool KeepsInputs { get; }

    /// <summary>The value.</summary>
    static abstract float Apply(float a, float b);

    /// <summary>The value in each lane.</summary>
    static abstract Vector512<float> Apply(Vector512<float> a, Vector512<float> b);

    /// <summary>The derivative by a.</summary>
    static abstract float SlopeA(float a, float b);

    /// <summary>The derivative by a in each lane.</summary>
    static abstract Vector512<float> SlopeA(Vector512<float> a, Vector512<float> b);

    /// <summary>The derivative by b.</summary>
    static abstract float SlopeB(float a, float b);

    /// <summary>The derivative by b in each lane.</summary>
    static abstract Vector512<float> SlopeB(Vector512<float> a, Vector512<float> b);
}

public static partial class Op {
    /// <summary>Runs an elementwise function of two tensors, broadcast together, and records it.</summary>
    private static Tensor Binary<TOp>(string name, Tensor a, Tensor b) where TOp : struct, IBinaryOp {
        Check.Type(name, "a", a, DType.Float32);
        Check.Type(name, "b", b, DType.Float32);
        Device device = Check.SameDevice(name, a, b);
        Tensor y = Broadcast<Value<TOp>>(device, BroadcastGeometry.Result(name, a.Shape, b.Shape), a, b, null);
        return Tape.Wants(a, b) ? RecordBinary<TOp>(y, a, b) : y;
    }

    private static Tensor RecordBinary<TOp>(Tensor y, Tensor a, Tensor b) where TOp : struct, IBinaryOp {
        Device device = y.Device;
        (Shape shapeA, Shape shapeB) = (a.Shape, b.Shape);
        if (!TOp.KeepsInputs)   // the slopes are constants
            return Tape.Record(y, [a, b], [], (dy, saved) => [
                saved.Needs(0) ? SumTo(Scaled(dy, TOp.SlopeA(0f, 0f)), shapeA) : null,
                saved.Needs(1) ? SumTo(Scaled(dy, TOp.SlopeB(0f, 0f)), shapeB) : null]);
        return Tape.Record(y, [a, b], [a, b], (dy, saved) => [
            saved.Needs(0) ? SumTo(Broadcast<ByA<TOp>>(device, dy.Shape, saved[0], saved[1], dy), shapeA) : null,
            saved.Needs(1) ? SumTo(Broadcast<ByB<TOp>>(device, dy.Shape, saved[0], saved[1], dy), shapeB) : null]);
    }

    private static Tensor Scaled(Tensor dy, float factor) => factor == 1 ? dy : Affine(dy, factor, 0);

    private static Tensor Broadcast<TBody>(Device device, Shape shape, Tensor a, Tensor b, Tensor? dy)
        where TBody : struct, IBroadcastBody {
        var y = new Tensor(device, shape);
        Run(device, (y, a, b, dy), static (host, of) => BroadcastHost<TBody>(host, of.y, of.a, of.b, of.dy),
            static (gpu, of) => BroadcastGpu<TBody>(gpu, of.y, of.a, of.b, of.dy));
        return y;
    }

    private static unsafe void BroadcastHost<TBody>(HostDevice host, Tensor y, Tensor a, Tensor b, Tensor? dy)
        where TBody : struct, IBroadcastBody {
        var geometry = new BroadcastGeometry(y.Shape, a.Shape, b.Shape);
        float* result = y.Pointer, left = a.Pointer, right = b.Pointer, gradient = dy is null ? left : dy.Pointer;
        if (geometry.Rows == 1) {
            host.Workers.ForRange(geometry.Inner, ElementwiseGrain, (start, end) =>
                BroadcastRow<TBody>(result + start, left + start * geometry.StepA,
                right + start * geometry.StepB, gradient + (dy is null ? 0 : start), end - start, geometry.StepA, geometry.StepB));
            return;
        }
        int grain = Math.Max(1, ElementwiseGrain / Math.Max(1, geometry.Inner));
        host.Workers.ForRange(geometry.Rows, grain, (start, end) => {
            for (int row = start; row < end; row++)
                BroadcastRow<TBody>(result + (nint)row * geometry.Inner, left + geometry.OffsetA(row), right + geometry.OffsetB(row),
                    gradient + (dy is null ? 0 : (nint)row * geometry.Inner), geometry.Inner, geometry.StepA, geometry.StepB);
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void BroadcastRow<TBody>(float* y, float* a, float* b, float* dy, int count, int stepA, int stepB)
        where TBody : struct, IBroadcastBody {
        int i = 0;
        if (stepA == 1 && stepB == 1) {
            for (; i + 16 <= count; i += 16) TBody.Apply(Vector512.Load(a + i), Vector512.Load(b + i), dy + i).Store(y + i);
        } else if (stepA == 1) {
            Vector512<float> same = Vector512.Create(*b);
            for (; i + 16 <= count; i += 16) TBody.Apply(Vector512.Load(a + i), same, dy + i).Store(y + i);
        } else if (stepB == 1) {
            Vector512<float> same = Vector512.Create(*a);
            for (; i + 16 <= count; i += 16) TBody.Apply(same, Vector512.Load(b + i), dy + i).Store(y + i);
        }
        for (; i < count; i++) y[i] = TBody.Apply(a[i * stepA], b[i * stepB], dy + i);
    }

    /// <summary>What a broadcast loop computes: the value, or a derivative times the gradient at that place.</summary>
    internal unsafe interface IBroadcastBody {
        static abstract bool ReadsGradient { get; }
        static abstract float Apply(float a, float b, float* dy);
        static abstract float Apply(float a, float b, float dy);
        static abstract Vector512<float> Apply(Vector512<float> a, Vector512<float> b, float* dy);
    }

    internal readonly unsafe struct Value<TOp> : IBroadcastBody where TOp : struct, IBinaryOp {
        public static bool ReadsGradient => false;
        public static float Apply(float a, float b, float* dy) => TOp.Apply(a, b);
        public static float Apply(float a, float b, float dy) => TOp.Apply(a, b);
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, float* dy) => TOp.Apply(a, b);
    }

    internal readonly unsafe struct ByA<TOp> : IBroadcastBody where TOp : struct, IBinaryOp {
        public static bool ReadsGradient => true;
        public static float Apply(float a, float b, float* dy) => *dy * TOp.SlopeA(a, b);
        public static float Apply(float a, float b, float dy) => dy * TOp.SlopeA(a, b);
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, float* dy) => Vector512.Load(dy) * TOp.SlopeA(a, b);
    }

    internal readonly unsafe struct ByB<TOp> : IBroadcastBody where TOp : struct, IBinaryOp {
        public static bool ReadsGradient => true;
        public static float Apply(float a, float b, float* dy) => *dy * TOp.SlopeB(a, b);
        public static float Apply(float a, float b, float dy) => dy * TOp.SlopeB(a, b);
        public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, float* dy) => Vector512.Load(dy) * TOp.SlopeB(a, b);
    }
}
