using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void ChooseBinsGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor label, int bins) {
        if (label.Count == 0) return;
        gpu.Kernel(ChooseBinsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<float>,
            int, KernelReport>(ChooseBinsKernel))
            (Fours(label.Count), gpu.Integers(bin), gpu.Floats(weights), gpu.Floats(label), bins,
            gpu.Report((row, y) => BinIsWrong(row, BitConverter.Int32BitsToSingle(y), bins)));
    }

    private static void ChooseClassesGpu(GpuDevice gpu, Tensor bin, Tensor weights, Tensor target, Tensor? classWeight, int classes,
        int ignored) {
        if (target.Count == 0) return;
        gpu.Kernel(ChooseClassesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>, ArrayView<int>,
            ArrayView<float>, int, int, int, KernelReport>(ChooseClassesKernel))
            (Fours(target.Count), gpu.Integers(bin), gpu.Floats(weights), gpu.Integers(target),
            classWeight is null ? default : gpu.Floats(classWeight), classWeight is null ? 0 : 1, classes, ignored,
            gpu.Report((row, label) => ClassIsWrong(row, label, classes, ignored)));
    }

    /// <summary>The bins around four labels. One outside is reported, and its loss is NaN.</summary>
    internal static void ChooseBinsKernel(Index1D i, ArrayView<int> bin, ArrayView<float> weights, ArrayView<float> label, int bins,
        KernelReport report) {
        int row = 4 * i, count = label.IntLength - row;
        Float4 y = Float4.Load(label, row, count, 1), first = default, second = default;
        Int4 left = default;
        left.X = BinAround(y.X, row, count > 0, bins, report, ref first.X, ref first.Y);
        left.Y = BinAround(y.Y, row + 1, count > 1, bins, report, ref first.Z, ref first.W);
        left.Z = BinAround(y.Z, row + 2, count > 2, bins, report, ref second.X, ref second.Y);
        left.W = BinAround(y.W, row + 3, count > 3, bins, report, ref second.Z, ref second.W);
        left.Store(bin, row, count, 1);
        first.Store(weights, 2 * row, 2 * count, 1);
        second.Store(weights, 2 * row + 4, 2 * count - 4, 1);
    }

    /// <summary>Four rows' classes and their weights. One out of range is reported, and its loss is NaN.</summary>
    internal static void ChooseClassesKernel(Index1D i, ArrayView<int> bin, ArrayView<float> weights, ArrayView<int> target,
        ArrayView<float> classWeight, int hasWeight, int classes, int ignored, KernelReport report) {
        int row = 4 * i, count = target.IntLength - row;
        Int4 label = Int4.Load(target, row, count, 1);
        Float4 first = default, second = default;
        label.X = ClassOf(label.X, row, count > 0, classWeight, hasWeight, classes, ignored, report,
            ref first.X);
        label.Y = ClassOf(label.Y, row + 1, count > 1, classWeight, hasWeight, classes, ignored, report,
            ref first.Z);
        label.Z = ClassOf(label.Z, row + 2, count > 2, classWeight, hasWeight, classes, ignored, report,
            ref second.X);
        label.W = ClassOf(label.W, row + 3, count > 3, classWeight, hasWeight, classes, ignored, report,
            ref second.Z);
        label.Store(bin, row, count, 1);
        first.Store(weights, 2 * row, 2 * count, 1);
        second.Store(weights, 2 * row + 4, 2 * count - 4, 1);
    }

    private static int BinAround(float y, int row, bool isRow, int bins, KernelReport report, ref float u, ref float v) {
        u = float.NaN;
        if (!(y >= 0 && y < bins - 1)) {
            if (isRow) report.Note(row, BitConverter.SingleToInt32Bits(y));
            return 0;
        }
        int left = (int)y;
        u = left + 1 - y;
        v = y - left;
        return left;
    }

    private static int ClassOf(int label, int row, bool isRow, ArrayView<float> classWeight, int hasWeight, int classes, int ignored,
        KernelReport report, ref float weight) {
        if (label == ignored) return 0;
        weight = float.NaN;
        if (label < 0 || label >= classes) {
            if (isRow) report.Note(row, label);
            return 0;
        }
        weight = 1;
        if (hasWeight != 0) weight = classWeight[label];
        return label;
    }
}
