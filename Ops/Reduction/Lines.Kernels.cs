using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The shortest line of neighbours that a group of threads shares; shorter ones, and those of distant elements, are a
    /// thread's each, so that neighbouring threads read neighbours or stay within a cache line.</summary>
    internal const int GroupLine = 256;

    private static bool ByGroups(AxisGeometry g) => g.Inner == 1 && g.Size >= GroupLine;

    private static void SoftmaxGpu(GpuDevice gpu, Tensor y, Tensor x, AxisGeometry g, int log) {
        if (y.Count == 0) return;
        if (ByGroups(g))
            gpu.Kernel(SoftmaxGroupKernel,
                a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, AxisGeometry, int>(SoftmaxGroupKernel))
                ((g.Lines, ReduceThreads), gpu.Floats(y), gpu.Floats(x), g, log);
        else
            gpu.Kernel(SoftmaxKernel,
                a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, AxisGeometry, int>(SoftmaxKernel))
                (g.Lines, gpu.Floats(y), gpu.Floats(x), g, log);
    }

    private static void SoftmaxGradientGpu(GpuDevice gpu, Tensor dx, Tensor y, Tensor dy, AxisGeometry g, int log) {
        if (dx.Count == 0) return;
        if (ByGroups(g))
            gpu.Kernel(SoftmaxGradientGroupKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                AxisGeometry, int>(SoftmaxGradientGroupKernel))
                ((g.Lines, ReduceThreads), gpu.Floats(dx), gpu.Floats(y), gpu.Floats(dy), g, log);
        else
            gpu.Kernel(SoftmaxGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, AxisGeometry, int>(SoftmaxGradientKernel))
                (g.Lines, gpu.Floats(dx), gpu.Floats(y), gpu.Floats(dy), g, log);
    }

    /// <summary>One line a thread: the softmax, or its logarithm where <paramref name="log"/> is not 0.</summary>
    internal static void SoftmaxKernel(Index1D line, ArrayView<float> y, ArrayView<float> x, AxisGeometry g, int log) {
        int start = g.Start(line);
        float max = x[start], sum = 0;
        for (int i = 1; i < g.Size; i++) max = MathF.Max(max, x[start + i * g.Inner]);
        for (int i = 0; i < g.Size; i++) sum += Elementary.Exp(x[start + i * g.Inner] - max);
        float last = log != 0 ? Elementary.Log(sum) : 1 / sum;
        for (int i = 0; i < g.Size; i++) {
            float above = x[start + i * g.Inner] - max;
            y[start + i * g.Inner] = log != 0 ? above - last : Elementary.Exp(above) * last;
        }
    }

    /// <summary>One line a group.</summary>
    internal static void SoftmaxGroupKernel(ArrayView<float> y, ArrayView<float> x, AxisGeometry g, int log) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * g.Size;
        float own = float.NegativeInfinity;
        for (int i = thread; i < g.Size; i += ReduceThreads) own = MathF.Max(own, x[start + i]);
        tree[thread] = own;
        Group.Barrier();
        for (int half = ReduceThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] = MathF.Max(tree[thread], tree[thread + half]);
            Group.Barrier();
        }
        float max = tree[0];
        Group.Barrier();
        own = 0;
        for (int i = thread; i < g.Size; i += ReduceThreads) own += Elementary.Exp(x[start + i] - max);
        tree[thread] = own;
        Group.Barrier();
        for (int half = ReduceThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] += tree[thread + half];
            Group.Barrier();
        }
        float last = log != 0 ? Elementary.Log(tree[0]) : 1 / tree[0];
        for (int i = thread; i < g.Size; i += ReduceThreads) {
            float above = x[start + i] - max;
            y[start + i] = log != 0 ? above - last : Elementary.Exp(above) * last;
        }
    }

    /// <summary>One line a thread: the gradient by the softmax's input, or by its logarithm's.</summary>
    internal static void SoftmaxGradientKernel(Index1D line, ArrayView<float> dx, ArrayView<float> y, ArrayView<float> dy,
        AxisGeometry g, int log) {
        int start = g.Start(line);
        float sum = 0;
        for (int i = 0; i < g.Size; i++) {
            int at = start + i * g.Inner;
            sum += log != 0 ? dy[at] : y[at] * dy[at];
        }
        for (int i = 0; i < g.Size; i++) {
            int at = start + i * g.Inner;
            dx[at] = SoftmaxSlope(y[at], dy[at], sum, log);
        }
    }

    /// <summary>One line a group.</summary>
    internal static void SoftmaxGradientGroupKernel(ArrayView<float> dx, ArrayView<float> y, ArrayView<float> dy, AxisGeometry g,
        int log) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * g.Size;
        float own = 0;
        for (int i = thread; i < g.Size; i += ReduceThreads) own += log != 0 ? dy[start + i] : y[start + i] * dy[start + i];
        tree[thread] = own;
        Group.Barrier();
        for (int half = ReduceThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] += tree[thread + half];
            Group.Barrier();
        }
        float sum = tree[0];
        for (int i = thread; i < g.Size; i += ReduceThreads) dx[start + i] = SoftmaxSlope(y[start + i], dy[start + i], sum, log);
    }

    private static float SoftmaxSlope(float y, float dy, float sum, int log) => log != 0 ? dy - Elementary.Exp(y) * sum : y * (dy - sum);
}
