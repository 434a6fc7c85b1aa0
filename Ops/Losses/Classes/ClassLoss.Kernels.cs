using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void ClassRowsGpu<TLoss>(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor? score,
        TLoss formula) where TLoss : unmanaged, IClassLoss {
        if (loss.Count == 0) return;
        if (pred.Count == 0) gpu.Fill(loss, 0);
        else if (gpu.HasShuffles) ClassRowsGpu<TLoss, Shuffles>(gpu, loss, slope, pred, label, score, formula);
        else ClassRowsGpu<TLoss, NoShuffles>(gpu, loss, slope, pred, label, score, formula);
    }

    private static void ClassEntriesGpu<TLoss>(GpuDevice gpu, Tensor costs, Tensor? slope, Tensor pred, Tensor label, Tensor? score,
        TLoss formula) where TLoss : unmanaged, IClassLoss {
        if (costs.Count == 0) return;
        gpu.Kernel(ClassEntriesKernel<TLoss>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<int>, ArrayView<float>, int, int, TLoss>(ClassEntriesKernel<TLoss>))
            (Fours(pred.Count), gpu.Floats(costs), slope is null ? default : gpu.Floats(slope), gpu.Floats(pred), gpu.Integers(label),
            score is null ? default : gpu.Floats(score), slope is null ? 0 : 1, pred.Shape[1], formula);
    }

    private static void ClassRowsGpu<TLoss, TWarp>(GpuDevice gpu, Tensor loss, Tensor? slope, Tensor pred, Tensor label, Tensor? score,
        TLoss formula) where TLoss : unmanaged, IClassLoss where TWarp : struct, IWarp {
        int classes = pred.Shape[1], wanted = slope is null ? 0 : 1;
        ArrayView<float> slopes = slope is null ? default : gpu.Floats(slope), scores = score is null ? default : gpu.Floats(score);
        if (LineTile.Fits(classes)) {
            var lines = new LineTile(loss.Count, classes);
            gpu.Kernel(ClassRowsKernel<TLoss, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, int, LineTile, TLoss>(ClassRowsKernel<TLoss, TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Integers(label), scores, wanted, lines,
                formula);
        } else {
            gpu.Kernel(ClassLongRowsKernel<TLoss, TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, int, int, TLoss>(ClassLongRowsKernel<TLoss, TWarp>))
                ((loss.Count, ReduceThreads), gpu.Floats(loss), slopes, gpu.Floats(pred), gpu.Integers(label), scores, wanted, classes,
                formula);
        }
    }

    /// <summary>Four neighbouring entries a thread, whichever rows they lie in: their costs and, if wanted, slopes.</summary>
    internal static void ClassEntriesKernel<TLoss>(Index1D i, ArrayView<float> costs, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<int> label, ArrayView<float> score, int wanted, int classes, TLoss formula) where TLoss : unmanaged, IClassLoss {
        int at = 4 * i, count = pred.IntLength - at, last = pred.IntLength - 1;
        Float4 v = Float4.Load(pred, at, count, 1), cost = default;
        v.X = EntryOfAny(ref cost.X, v.X, at, label, score, classes, formula);
        v.Y = EntryOfAny(ref cost.Y, v.Y, Math.Min(at + 1, last), label, score, classes, formula);
        v.Z = EntryOfAny(ref cost.Z, v.Z, Math.Min(at + 2, last), label, score, classes, formula);
        v.W = EntryOfAny(ref cost.W, v.W, Math.Min(at + 3, last), label, score, classes, formula);
        cost.Store(costs, at, count, 1);
        if (wanted != 0) v.Store(slope, at, count, 1);
    }

    /// <summary>Whole rows in shared memory: their losses and, if wanted, slopes. One look at the predictions.</summary>
    internal static void ClassRowsKernel<TLoss, TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<int> label, ArrayView<float> score, int wanted, LineTile lines, TLoss formula)
        where TLoss : unmanaged, IClassLoss where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread), target = -1;
        float quality = 0, sum = 0;
        if (end > 0) {
            target = label[lines.Line(Grid.IdxX, thread)];
            if (TLoss.ReadsScore && target >= 0 && target < lines.Size) quality = score[lines.Line(Grid.IdxX, thread)];
        }
        bool skips = formula.Skips(target);
        lines.Load(tile4, pred, Grid.IdxX, thread);
        Group.Barrier();
        for (int i = first, c = thread % lines.PerLine; i < end; i += lines.PerLine, c += lines.PerLine)
            tile[i] = skips ? 0 : Entry(ref sum, tile[i], c == target, quality, formula);
        sum = GroupJoin.Sum<TWarp>(joined, thread, lines.PerLine, sum);
        if (end > 0 && thread % lines.PerLine == 0) loss[lines.Line(Grid.IdxX, thread)] = sum;
        if (wanted == 0) return;
        Group.Barrier();
        lines.Store(slope, tile4, Grid.IdxX, thread);
    }

    /// <summary>A row, too long for shared memory, a group.</summary>
    internal static void ClassLongRowsKernel<TLoss, TWarp>(ArrayView<float> loss, ArrayView<float> slope, ArrayView<float> pred,
        ArrayView<int> label, ArrayView<float> score, int wanted, int classes, TLoss formula)
        where TLoss : unmanaged, IClassLoss where TWarp : struct, IWarp {
        ArrayView<float> joined = SharedMemory.Allocate<float>(ReduceThreads);
        int thread = Group.IdxX, start = Grid.IdxX * classes, whole = InFours(pred, classes), target = label[Grid.IdxX];
        float quality = 0, sum = 0;
        if (TLoss.ReadsScore) quality = score[Grid.IdxX];
        bool skips = formula.Skips(target);
        for (int c = 4 * thread; c < whole; c += 4 * ReduceThreads) {
            Float4 v = pred.Cast<Float4>()[(start + c) >> 2];
            v.X = skips ? 0 : Entry(ref sum, v.X, c == target, quality, formula);
            v.Y = skips ? 0 : Entry(ref sum, v.Y, c + 1 == target, quality, formula);
            v.Z = skips ? 0 : Entry(ref sum, v.Z, c + 2 == target, quality, formula);
            v.W = skips ? 0 : Entry(ref sum, v.W, c + 3 == target, quality, formula);
            if (wanted != 0) slope.Cast<Float4>()[(start + c) >> 2] = v;
        }
        for (int c = whole + thread; c < classes; c += ReduceThreads) {
            float steep = skips ? 0 : Entry(ref sum, pred[start + c], c == target, quality, formula);
            if (wanted != 0) slope[start + c] = steep;
        }
        sum = GroupJoin.Sum<TWarp>(joined, thread, ReduceThreads, sum);
        if (thread == 0) loss[Grid.IdxX] = sum;
    }

    private static float EntryOfAny<TLoss>(ref float cost, float x, int at, ArrayView<int> label, ArrayView<float> score, int classes,
        TLoss formula) where TLoss : unmanaged, IClassLoss {
        int row = at / classes, target = label[row];
        float quality = 0;
        if (TLoss.ReadsScore) quality = score[row];
        return formula.Skips(target) ? 0 : Entry(ref cost, x, at - row * classes == target, quality, formula);
    }

    /// <summary>Adds an entry's cost; gives its slope.</summary>
    private static float Entry<TLoss>(ref float sum, float x, bool own, float quality, TLoss formula)
        where TLoss : unmanaged, IClassLoss {
        float slope = 0;
        if (own) sum += formula.Own(x, quality, ref slope);
        else sum += formula.Other(x, ref slope);
        return slope;
    }
}
