using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads of the one group that looks for the largest coordinate.</summary>
    private const int LargestThreads = 256;

    /// <summary>Boxes in an order, moved by their classes, with their areas; only those of equal groups suppress one another.</summary>
    private readonly record struct PlacedBoxes(Tensor Boxes, Tensor Areas, Tensor Groups);

    private static PlacedBoxes PlaceGpu(GpuDevice gpu, Tensor boxes, BoxOrder order, BoxClasses classes, float offset) {
        int count = boxes.Shape[0];
        var placed = new PlacedBoxes(new Tensor(gpu, boxes.Shape), new Tensor(gpu, [count]), new Tensor(gpu, [count], DType.Int32));
        var largest = new Tensor(gpu, [1]);
        gpu.Kernel(LargestKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<Box>, ArrayView<int>, ArrayView<int>>(LargestKernel))
            ((1, LargestThreads), gpu.Floats(largest), Boxes(gpu, boxes), gpu.Integers(order.Numbers), gpu.Integers(order.Count));
        gpu.Kernel(PlaceBoxesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<float>, ArrayView<int>,
            ArrayView<Box>, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<float>, int, int, float, int>(PlaceBoxesKernel))
            (count, Boxes(gpu, placed.Boxes), gpu.Floats(placed.Areas), gpu.Integers(placed.Groups), Boxes(gpu, boxes),
            gpu.Integers(order.Numbers), gpu.Integers(order.Count), gpu.Integers(classes.Of ?? order.Numbers), gpu.Floats(largest),
            classes is { Of: not null, Move: true } ? 1 : 0, classes.Of is null ? int.MaxValue : classes.SplitFrom, offset, 0);
        return placed;
    }

    /// <summary>The largest coordinate of all boxes that are there, NaN if one is.</summary>
    internal static void LargestKernel(ArrayView<float> largest, ArrayView<Box> boxes, ArrayView<int> order, ArrayView<int> count) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(LargestThreads);
        int thread = Group.IdxX;
        float best = float.NegativeInfinity;
        for (int i = thread; i < count[0]; i += LargestThreads) {
            Box box = boxes[order[i]];
            best = Larger(Larger(best, Larger(box.X1, box.Y1)), Larger(box.X2, box.Y2));
        }
        tree[thread] = best;
        Group.Barrier();
        for (int half = LargestThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] = Larger(tree[thread], tree[thread + half]);
            Group.Barrier();
        }
        if (thread == 0) largest[0] = tree[0];
    }

    private static float Larger(float a, float b) => a > b || float.IsNaN(a) ? a : b;

    internal static void PlaceBoxesKernel(Index1D i, ArrayView<Box> placed, ArrayView<float> areas, ArrayView<int> groups,
        ArrayView<Box> boxes, ArrayView<int> order, ArrayView<int> count, ArrayView<int> classes, ArrayView<float> largest, int moves,
        int splitFrom, float offset, int zero) {
        if (i >= count[0]) return;
        int from = order[i], group = 0;
        Box box = boxes[from];
        if (moves != 0) {
            float shift = Unfused(classes[from] * (largest[0] + 1), zero);
            box = new Box(box.X1 + shift, box.Y1 + shift, box.X2 + shift, box.Y2 + shift);
        }
        if (count[0] >= splitFrom) group = classes[from];
        placed[i] = box;
        areas[i] = AreaOf(box, offset);
        groups[i] = group;
    }
}
