using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>What <see cref="CrossEntropy"/> and <see cref="DistributionFocalLoss"/> have in common: rows x [..., C] whose targets are
    /// two neighbouring bins b and b+1 with weights u and v [rows, 2]. l = -u·ln p[b] - v·ln p[b+1]; gradient (u + v)·p - u at b - v at
    /// b+1. A weight of 0 leaves its term out, whatever it is.</summary>
    private static Tensor BinCrossEntropy(Tensor x, Tensor bin, Tensor weights) {
        using var log = new Tensor(x.Device, x.Shape);
        var loss = new Tensor(x.Device, bin.Shape);
        Run(x.Device, host => {
            LineHost.Run(host, log, x, null, new AxisGeometry(x.Shape, -1), new LogSoftmaxLines());
            BinCrossEntropyHost(loss.Span, log.Span, bin.IntSpan, weights.Span);
        }, gpu => BinCrossEntropyGpu(gpu, loss, log, x, bin, weights));
        return Tape.Record(loss, [x], [log, bin, weights], (dy, saved) => {
            var dx = new Tensor(dy.Device, saved[0].Shape);
            Run(dy.Device, host => BinCrossEntropyGradientHost(host, dx, dy, saved[0], saved[1], saved[2]),
                gpu => BinCrossEntropyGradientGpu(gpu, dx, dy, saved[0], saved[1], saved[2]));
            return [dx];
        });
    }

    private static void BinCrossEntropyHost(Span<float> loss, ReadOnlySpan<float> log, ReadOnlySpan<int> bin, ReadOnlySpan<float> weights) {
        for (int row = 0; row < loss.Length; row++) {
            int at = row * (log.Length / loss.Length) + bin[row];
            float u = weights[2 * row], v = weights[2 * row + 1];
            loss[row] = (u == 0 ? 0 : -u * log[at]) - (v == 0 ? 0 : v * log[at + 1]);
        }
    }

    private static unsafe void BinCrossEntropyGradientHost(HostDevice host, Tensor dx, Tensor dy, Tensor log, Tensor bin, Tensor weights) {
        if (dx.Count == 0) return;
        int bins = dx.Shape[^1];
        float* to = dx.Pointer, slope = dy.Pointer, from = log.Pointer, weight = weights.Pointer;
        int* target = bin.IntPointer;
        host.Workers.ForRange(dy.Count, Math.Max(1, ElementwiseGrain / bins), (first, end) => {
            for (int row = first; row < end; row++) {
                float u = weight[2 * row], v = weight[2 * row + 1];
                float* line = to + row * bins;
                if (u == 0 && v == 0) {
                    new Span<float>(line, bins).Clear();
                    continue;
                }
                ScaledExp(line, from + row * bins, bins, slope[row] * (u + v));
                line[target[row]] -= slope[row] * u;
                if (v != 0) line[target[row] + 1] -= slope[row] * v;
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void ScaledExp(float* y, float* x, int count, float scale) {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (Elementary.Exp(Vector512.Load(x + i)) * scale).Store(y + i);
        for (; i < count; i++) y[i] = Elementary.Exp(x[i]) * scale;
    }
}
