using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void SoftmaxKlGpu(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor soft, SoftmaxKlScale scale) {
        if (gpu.HasShuffles) SoftmaxKlWith<Shuffles>(gpu, loss, slope, pred, soft, scale);
        else SoftmaxKlWith<NoShuffles>(gpu, loss, slope, pred, soft, scale);
    }

    private static void SoftmaxKlWith<TWarp>(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor soft, SoftmaxKlScale scale)
        where TWarp : struct, IWarp {
        if (loss.Count == 0) return;
        int bins = pred.Shape[1], wanted = slope is null ? 0 : 1;
        ArrayView<float> slopes = slope is null ? default : gpu.Floats(slope);
        if (LineTile.Fits(bins)) {
            var lines = new LineTile(loss.Count, bins);
            gpu.Kernel(SoftmaxKlKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, int, LineTile, SoftmaxKlScale>(SoftmaxKlKernel<TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Floats(soft), wanted, lines, scale);
        } else {
            gpu.Kernel(SoftmaxKlLongKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, int, int, SoftmaxKlScale>(SoftmaxKlLongKernel<TWarp>))
                ((loss.Count, ReduceThreads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Floats(soft), wanted, bins, scale);
        }
    }

    /// <summary>Whole rows of both inputs in shared memory: their losses and, if wanted, slopes. One look at either.</summary>
    internal static void SoftmaxKlKernel<TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<float> soft, int wanted, LineTile lines, SoftmaxKlScale scale) where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4),
            soft4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), target = soft4.Cast<float>();
        ArrayView<float> joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread);
        lines.Load(tile4, pred, Grid.IdxX, thread);
        lines.Load(soft4, soft, Grid.IdxX, thread);
        Group.Barrier();
        for (int i = first; i < end; i += lines.PerLine) {
            tile[i] *= scale.OfLogits;
            target[i] *= scale.OfLogits;
        }
        SoftmaxOfTile<TWarp>(tile, joined, lines, thread, first, end, log: 1);
        SoftmaxOfTile<TWarp>(target, joined, lines, thread, first, end, log: 1);
        float sum = 0;
        for (int i = first; i < end; i += lines.PerLine) tile[i] = SoftmaxKlEntry(ref sum, tile[i], target[i], scale);
        sum = GroupJoin.Sum<TWarp>(joined, thread, lines.PerLine, sum);
        if (end > 0 && thread % lines.PerLine == 0) loss[lines.Line(Grid.IdxX, thread)] = sum * scale.OfLoss;
        if (wanted == 0) return;
        Group.Barrier();
        lines.Store(slope, tile4, Grid.IdxX, thread);
    }

    /// <summary>A row, too long for shared memory, a group: one look for the largest values and the sums, one for the result.</summary>
    internal static void SoftmaxKlLongKernel<TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<float> soft, int wanted, int bins, SoftmaxKlScale scale) where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * bins, whole = InFours(pred, bins);
        float most = 0, mostSoft = 0, sum = 0;
        float last = LogOfSum<TWarp>(ref most, pred, joined, start, whole, bins, scale),
            lastSoft = LogOfSum<TWarp>(ref mostSoft, soft, joined, start, whole, bins, scale);
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = pred.Cast<Float4>()[(start + i) >> 2], t = soft.Cast<Float4>()[(start + i) >> 2];
            v.X = SoftmaxKlEntry(ref sum, v.X * scale.OfLogits - most - last, t.X * scale.OfLogits - mostSoft - lastSoft, scale);
            v.Y = SoftmaxKlEntry(ref sum, v.Y * scale.OfLogits - most - last, t.Y * scale.OfLogits - mostSoft - lastSoft, scale);
            v.Z = SoftmaxKlEntry(ref sum, v.Z * scale.OfLogits - most - last, t.Z * scale.OfLogits - mostSoft - lastSoft, scale);
            v.W = SoftmaxKlEntry(ref sum, v.W * scale.OfLogits - most - last, t.W * scale.OfLogits - mostSoft - lastSoft, scale);
            if (wanted != 0) slope.Cast<Float4>()[(start + i) >> 2] = v;
        }
        for (int i = whole + thread; i < bins; i += ReduceThreads) {
            float steep = SoftmaxKlEntry(ref sum, pred[start + i] * scale.OfLogits - most - last,
                soft[start + i] * scale.OfLogits - mostSoft - lastSoft, scale);
            if (wanted != 0) slope[start + i] = steep;
        }
        sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, sum);
        if (thread == 0) loss[Grid.IdxX] = sum * scale.OfLoss;
    }

    /// <summary>A row's largest logit, and what is subtracted from the others' distance from it to make logarithms of
    /// probabilities.</summary>
    private static float LogOfSum<TWarp>(ref float max, ArrayView<float> x, ArrayView<float> joined, int start, int whole, int size,
        SoftmaxKlScale scale) where TWarp : struct, IWarp {
        int thread = Group.IdxX;
        OnlineSum own = OnlineSum.None;
        for (int i = 4 * thread; i < whole; i += 4 * ReduceThreads) {
            Float4 v = x.Cast<Float4>()[(start + i) >> 2];
            own.Add(v.X * scale.OfLogits);
            own.Add(v.Y * scale.OfLogits);
            own.Add(v.Z * scale.OfLogits);
            own.Add(v.W * scale.OfLogits);
        }
        for (int i = whole + thread; i < size; i += ReduceThreads) own.Add(x[start + i] * scale.OfLogits);
        max = GroupJoin.Max<TWarp>(joined, thread, ReduceThreads, own.Max);
        float sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, own.SumFor(max));
        return OnlineSum.Last(max, sum, log: 1);
    }

    /// <summary>Adds a bin's share of the divergence; gives its slope. Of logarithms of probabilities: p and t sum to 1 but for rounding,
    /// and with what they lack, the logarithms' rounding counts in second order only.</summary>
    private static float SoftmaxKlEntry(ref float sum, float log, float logSoft, SoftmaxKlScale scale) {
        float p = Elementary.Exp(log), t = Elementary.Exp(logSoft);
        float difference = p - t, share = difference;
        if (t != 0) share += t * (logSoft - log);
        sum += share;
        return difference * scale.OfSlope;
    }
}
