using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void ChooseBinsGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor label, int bins) {
        if (label.Count == 0) return;
        gpu.Kernel(ChooseBinsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<float>,
            int>(ChooseBinsKernel))(Fours(label.Count), gpu.Integers(bin), gpu.Floats(weights), gpu.Floats(label), bins);
    }

    private static void ChooseClassesGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor target, Tensor? classWeight, int classes,
        int ignored) {
        if (target.Count == 0) return;
        gpu.Kernel(ChooseClassesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int, int, int>(ChooseClassesKernel))
            (Fours(target.Count), gpu.Integers(bin), gpu.Floats(weights), gpu.Integers(target),
            classWeight is null ? default : gpu.Floats(classWeight), classWeight is null ? 0 : 1, classes, ignored);
    }

    /// <summary>The bins around four labels. One outside cannot be refused from here: its loss is NaN.</summary>
    internal static void ChooseBinsKernel(Index1D i, ArrayView<int> bin, ArrayView<float> weights, ArrayView<float> label, int bins) {
        int row = 4 * i, count = label.IntLength - row;
        Float4 y = Float4.Load(label, row, count, 1), first = default, second = default;
        Int4 left = default;
        left.X = BinAround(y.X, bins, ref first.X, ref first.Y);
        left.Y = BinAround(y.Y, bins, ref first.Z, ref first.W);
        left.Z = BinAround(y.Z, bins, ref second.X, ref second.Y);
        left.W = BinAround(y.W, bins, ref second.Z, ref second.W);
        left.Store(bin, row, count, 1);
        first.Store(weights, 2 * row, 2 * count, 1);
        second.Store(weights, 2 * row + 4, 2 * count - 4, 1);
    }

    /// <summary>Four rows' classes and their weights. One out of range cannot be refused from here: its loss is NaN.</summary>
    internal static void ChooseClassesKernel(Index1D i, ArrayView<int> bin, ArrayView<float> weights, ArrayView<int> target,
        ArrayView<float> classWeight, int hasWeight, int classes, int ignored) {
        int row = 4 * i, count = target.IntLength - row;
        Int4 label = Int4.Load(target, row, count, 1);
        Float4 first = default, second = default;
        label.X = ClassOf(label.X, classWeight, hasWeight, classes, ignored, ref first.X);
        label.Y = ClassOf(label.Y, classWeight, hasWeight, classes, ignored, ref first.Z);
        label.Z = ClassOf(label.Z, classWeight, hasWeight, classes, ignored, ref second.X);
        label.W = ClassOf(label.W, classWeight, hasWeight, classes, ignored, ref second.Z);
        label.Store(bin, row, count, 1);
        first.Store(weights, 2 * row, 2 * count, 1);
        second.Store(weights, 2 * row + 4, 2 * count - 4, 1);
    }

    private static int BinAround(float y, int bins, ref float u, ref float v) {
        u = float.NaN;
        if (!(y >= 0 && y < bins - 1)) return 0;
        int left = (int)y;
        u = left + 1 - y;
        v = y - left;
        return left;
    }

    private static int ClassOf(int label, ArrayView<float> classWeight, int hasWeight, int classes, int ignored, ref float weight) {
        if (label == ignored) return 0;
        weight = float.NaN;
        if (label < 0 || label >= classes) return 0;
        weight = 1;
        if (hasWeight != 0) weight = classWeight[label];
        return label;
    }
}
