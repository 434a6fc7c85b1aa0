using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Distances of distributions on the processor: sixteen rows side by side, both inputs turned into tiles in the cache, so that a
/// bin is a vector and nothing is summed across lanes. One exponential for each element.</summary>
internal static unsafe class SoftmaxKlHost {
    /// <summary>Rows of a tile; elements worth a thread.</summary>
    private const int Width = 16, Grain = 1 << 14;

    /// <summary>Fills loss [N] and, if wanted, slope [N, bins], the derivative of each row's loss.</summary>
    public static void Run(HostDevice host, Tensor loss, Tensor? slope, Tensor pred, Tensor soft, Op.SoftmaxKlScale scale) {
        int rows = loss.Count, bins = pred.Shape[1];
        float* to = loss.Pointer, dx = slope is null ? null : slope.Pointer, x = pred.Pointer, target = soft.Pointer;
        host.Workers.ForRange((rows + Width - 1) / Width, Math.Max(1, Grain / (Width * bins)), (first, end) => {
            int size = bins * Width;
            float* tile = (float*)NativeMemory.AlignedAlloc((nuint)((2 * size + Width) * sizeof(float)), 64), result = tile + 2 * size;
            for (int at = first; at < end; at++) {
                int row = at * Width, count = Math.Min(Width, rows - row);
                if (count < Width) new Span<float>(tile, 2 * size).Clear();   // what lies there may be slow to compute with
                PermuteCopy.Transpose((int*)tile, Width, (int*)(x + (nint)row * bins), bins, bins, count);
                PermuteCopy.Transpose((int*)(tile + size), Width, (int*)(target + (nint)row * bins), bins, bins, count);
                Distances(tile, tile + size, bins, scale).Store(result);
                new Span<float>(result, count).CopyTo(new Span<float>(to + row, count));
                if (dx != null) PermuteCopy.Transpose((int*)(dx + (nint)row * bins), bins, (int*)tile, Width, count, bins);
            }
            NativeMemory.AlignedFree(tile);
        });
    }

    /// <summary>The losses of sixteen rows; turns the tile of logits into slopes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static V Distances(float* x, float* soft, int bins, Op.SoftmaxKlScale scale) {
        V most = SoftmaxLines.Largest(x, bins, Width, false), mostSoft = SoftmaxLines.Largest(soft, bins, Width, false);
        V sum = V.Zero, sumSoft = V.Zero, apart = V.Zero, narrow = Vector512.Create(scale.OfLogits);
        for (int i = 0; i < bins * Width; i += Width) {
            V a = (Vector512.Load(x + i) - most) * narrow, b = (Vector512.Load(soft + i) - mostSoft) * narrow;
            V share = Elementary.Exp(a), shareSoft = Elementary.Exp(b);
            sum += share;
            sumSoft += shareSoft;
            apart += Vector512.AndNot(shareSoft * (b - a), Vector512.Equals(shareSoft, V.Zero));
            share.Store(x + i);
            shareSoft.Store(soft + i);
        }
        V of = V.One / sum, ofSoft = V.One / sumSoft, excess = V.Zero, slope = Vector512.Create(scale.OfSlope);
        for (int i = 0; i < bins * Width; i += Width) {
            V difference = Vector512.Load(x + i) * of - Vector512.Load(soft + i) * ofSoft;
            excess += difference;
            (difference * slope).Store(x + i);
        }
        // p and t sum to 1 but for rounding; with what they lack, the rounding of the sums counts in second order only.
        return (apart * ofSoft + Elementary.Log1p((sum - sumSoft) * ofSoft) + excess) * scale.OfLoss;
    }
}
