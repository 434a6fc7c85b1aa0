using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads that share the sum over a box' pairs.</summary>
    private const int PairThreads = 64;

    private static ArrayView<Box> Boxes(GpuDevice gpu, Tensor boxes) => gpu.Floats(boxes).Cast<Box>();

    private static void BoxIouGpu(GpuDevice gpu, Tensor y, Tensor a, Tensor b, OverlapRule rule) {
        if (y.Count == 0) return;
        gpu.Kernel(BoxIouKernel, accelerator => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<Box>,
            ArrayView<Box>, int, OverlapRule>(BoxIouKernel))
            (y.Count, gpu.Floats(y), Boxes(gpu, a), Boxes(gpu, b), y.Shape[1], rule);
    }

    private static void BoxIouBackwardGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor a, Tensor b, OverlapRule rule, bool ofRows) {
        if (dx.Count == 0) return;
        if (dy.Count == 0) {
            gpu.Fill(dx, 0);
            return;
        }
        gpu.Kernel(BoxIouGradientKernel, accelerator => accelerator.LoadStreamKernel<ArrayView<Box>, ArrayView<float>, ArrayView<Box>,
            ArrayView<Box>, int, int, int, OverlapRule>(BoxIouGradientKernel))
            ((dx.Shape[0], PairThreads), Boxes(gpu, dx), gpu.Floats(dy), Boxes(gpu, a), Boxes(gpu, b), ofRows ? 1 : 0,
            dy.Shape[ofRows ? 1 : 0], dy.Shape[1], rule);
    }

    private static void AlignedIouGpu(GpuDevice gpu, Tensor y, Tensor pred, Tensor target, OverlapRule rule) {
        if (y.Count == 0) return;
        gpu.Kernel(AlignedIouKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<Box>, ArrayView<Box>,
            OverlapRule>(AlignedIouKernel))
            (y.Count, gpu.Floats(y), Boxes(gpu, pred), Boxes(gpu, target), rule);
    }

    private static void AlignedIouBackwardGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor pred, Tensor target, OverlapRule rule) {
        if (dx.Count == 0) return;
        gpu.Kernel(AlignedIouGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<float>, ArrayView<Box>,
            ArrayView<Box>, OverlapRule>(AlignedIouGradientKernel))
            (dy.Count, Boxes(gpu, dx), gpu.Floats(dy), Boxes(gpu, pred), Boxes(gpu, target), rule);
    }

    internal static void BoxIouKernel(Index1D i, ArrayView<float> y, ArrayView<Box> a, ArrayView<Box> b, int columns, OverlapRule rule) {
        int row = i / columns;
        y[i] = rule.Value(a[row], b[i - row * columns]);
    }

    /// <summary>One box a group: each thread sums over its share of the pairs, then all in a tree.</summary>
    internal static void BoxIouGradientKernel(ArrayView<Box> dx, ArrayView<float> dy, ArrayView<Box> a, ArrayView<Box> b, int ofRows,
        int pairs, int columns, OverlapRule rule) {
        ArrayView<Box> tree = SharedMemory.Allocate<Box>(PairThreads);
        int thread = Group.IdxX, owner = Grid.IdxX;
        Box sum = default;
        for (int pair = thread; pair < pairs; pair += PairThreads) {
            int i = owner, j = pair;
            if (ofRows == 0) (i, j) = (pair, owner);
            Box da = default, db = default;
            rule.Gradient(a[i], b[j], dy[i * columns + j], ref da, ref db);
            sum = Plus(sum, ofRows != 0 ? da : db);
        }
        tree[thread] = sum;
        Group.Barrier();
        for (int half = PairThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] = Plus(tree[thread], tree[thread + half]);
            Group.Barrier();
        }
        if (thread == 0) dx[owner] = tree[0];
    }

    internal static void AlignedIouKernel(Index1D i, ArrayView<float> y, ArrayView<Box> pred, ArrayView<Box> target, OverlapRule rule) =>
        y[i] = rule.Value(pred[i], target[i]);

    internal static void AlignedIouGradientKernel(Index1D i, ArrayView<Box> dx, ArrayView<float> dy, ArrayView<Box> pred,
        ArrayView<Box> target, OverlapRule rule) {
        Box sum = default, other = default;
        rule.Gradient(pred[i], target[i], dy[i], ref sum, ref other);
        dx[i] = sum;
    }

    private static Box Plus(Box a, Box b) => new(a.X1 + b.X1, a.Y1 + b.Y1, a.X2 + b.X2, a.Y2 + b.Y2);
}
