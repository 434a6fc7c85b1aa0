using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BinCrossEntropyGpu(GpuDevice gpu, Tensor loss, Tensor log, Tensor x, Tensor bin, Tensor weights) {
        if (gpu.HasShuffles) BinCrossEntropyWith<Shuffles>(gpu, loss, log, x, bin, weights);
        else BinCrossEntropyWith<NoShuffles>(gpu, loss, log, x, bin, weights);
    }

    private static void BinCrossEntropyWith<TWarp>(GpuDevice gpu, Tensor loss, Tensor log, Tensor x, Tensor bin, Tensor weights)
        where TWarp : struct, IWarp {
        if (loss.Count == 0 || x.Count == 0) return;
        int bins = x.Shape[^1];
        if (LineTile.Fits(bins)) {
            var lines = new LineTile(loss.Count, bins);
            gpu.Kernel(BinCrossEntropyKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, ArrayView<float>, LineTile>(BinCrossEntropyKernel<TWarp>))
                ((lines.Groups, LineTile.Threads), gpu.Floats(loss), gpu.Floats(log), gpu.Floats(x), gpu.Integers(bin),
                gpu.Floats(weights), lines);
            return;
        }
        SoftmaxGpu(gpu, log, x, new AxisGeometry(x.Shape, -1), log: 1);
        gpu.Kernel(BinCostKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int>(BinCostKernel))
            (Fours(loss.Count), gpu.Floats(loss), gpu.Floats(log), gpu.Integers(bin), gpu.Floats(weights), bins);
    }

    private static void BinCrossEntropyGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor log, Tensor bin, Tensor weights) {
        if (dx.Count == 0) return;
        gpu.Kernel(BinCrossEntropyGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<int>, ArrayView<float>, int>(BinCrossEntropyGradientKernel))
            (Fours(dx.Count), gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(log), gpu.Integers(bin), gpu.Floats(weights), dx.Shape[^1]);
    }

    /// <summary>Whole rows in shared memory: their losses, and the logarithms of their softmax. One look at x.</summary>
    internal static void BinCrossEntropyKernel<TWarp>(ArrayView<float> loss, ArrayView<float> log, ArrayView<float> x, ArrayView<int> bin,
        ArrayView<float> weights, LineTile lines) where TWarp : struct, IWarp {
        ArrayView<Float4> tile4 = SharedMemory.Allocate<Float4>(LineTile.Floats / 4);
        ArrayView<float> tile = tile4.Cast<float>(), joined = SharedMemory.Allocate<float>(LineTile.Threads);
        int thread = Group.IdxX, first = lines.First(thread), end = lines.End(Grid.IdxX, thread), row = lines.Line(Grid.IdxX, thread);
        lines.Load(tile4, x, Grid.IdxX, thread);
        Group.Barrier();
        SoftmaxOfTile<TWarp>(tile, joined, lines, thread, first, end, log: 1);
        Group.Barrier();
        if (end > 0 && thread % lines.PerLine == 0) loss[row] = BinCost(tile, first + bin[row], weights[2 * row], weights[2 * row + 1]);
        lines.Store(log, tile4, Grid.IdxX, thread);
    }

    /// <summary>Four rows' losses from the logarithms of their softmax.</summary>
    internal static void BinCostKernel(Index1D i, ArrayView<float> loss, ArrayView<float> log, ArrayView<int> bin,
        ArrayView<float> weights, int bins) {
        int row = 4 * i, count = loss.IntLength - row, at = row * bins;
        Int4 first = Int4.Load(bin, row, count, 1);
        Float4 near = Float4.Load(weights, 2 * row, 2 * count, 1), far = Float4.Load(weights, 2 * row + 4, 2 * count - 4, 1);
        Float4.Of(BinCost(log, at + first.X, near.X, near.Y), BinCost(log, at + bins + first.Y, near.Z, near.W),
            BinCost(log, at + 2 * bins + first.Z, far.X, far.Y), BinCost(log, at + 3 * bins + first.W, far.Z, far.W))
            .Store(loss, row, count, 1);
    }

    /// <summary>Four neighbouring elements a thread, whichever rows they lie in.</summary>
    internal static void BinCrossEntropyGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> log,
        ArrayView<int> bin, ArrayView<float> weights, int bins) {
        int at = 4 * i, count = dx.IntLength - at, last = dx.IntLength - 1;
        Float4 v = Float4.Load(log, at, count, 1);
        v.X = BinSlope(v.X, at, dy, bin, weights, bins);
        v.Y = BinSlope(v.Y, Math.Min(at + 1, last), dy, bin, weights, bins);
        v.Z = BinSlope(v.Z, Math.Min(at + 2, last), dy, bin, weights, bins);
        v.W = BinSlope(v.W, Math.Min(at + 3, last), dy, bin, weights, bins);
        v.Store(dx, at, count, 1);
    }

    private static float BinCost(ArrayView<float> log, int at, float u, float v) {
        float cost = 0;
        if (u != 0) cost -= u * log[at];
        if (v != 0) cost -= v * log[at + 1];
        return cost;
    }

    private static float BinSlope(float log, int i, ArrayView<float> dy, ArrayView<int> bin, ArrayView<float> weights, int bins) {
        int row = i / bins, place = i - row * bins - bin[row];
        float u = weights[2 * row], v = weights[2 * row + 1], slope = dy[row], result = 0;
        if (u != 0 || v != 0) result = Elementary.Exp(log) * (slope * (u + v));
        if (place == 0 && u != 0) result -= slope * u;
        if (place == 1 && v != 0) result -= slope * v;
        return result;
    }
}
