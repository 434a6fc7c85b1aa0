using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Marks the elements that tie, counts the marks, and gives each its share.</summary>
    private static void ShareAmongTiesGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor x, Tensor y, ReductionGeometry g) {
        if (dx.Count == 0) return;
        using var ties = new Tensor(gpu, y.Shape);
        gpu.Kernel(MarkTiesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ReductionGeometry>(MarkTiesKernel))
            (g.Fours, gpu.Floats(dx), gpu.Floats(x), gpu.Floats(y), g);
        ReduceGpu(gpu, ties, dx, g, new SumReduction());
        gpu.Kernel(ShareKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ReductionGeometry>(ShareKernel))
            (g.Fours, gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(ties), g);
    }

    /// <summary>Four neighbouring elements a thread: 1 for those equal to their outputs, 0 for the others.</summary>
    internal static void MarkTiesKernel(Index1D i, ArrayView<float> mark, ArrayView<float> x, ArrayView<float> y, ReductionGeometry g) {
        int at = g.PlaceOfFour(i), count = g.CountOfFour(i), vectors = g.Vectors;
        Float4 v = Float4.Load(x, at, count, vectors), extreme = g.OutputsOfFour(y, i);
        Float4.Of(Tie(v.X, extreme.X), Tie(v.Y, extreme.Y), Tie(v.Z, extreme.Z), Tie(v.W, extreme.W)).Store(mark, at, count, vectors);
    }

    /// <summary>Four neighbouring elements a thread: the marked ones share their outputs' gradients.</summary>
    internal static void ShareKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> ties, ReductionGeometry g) {
        int at = g.PlaceOfFour(i), count = g.CountOfFour(i), vectors = g.Vectors;
        Float4 mark = Float4.Load(dx, at, count, vectors), slope = g.OutputsOfFour(dy, i), number = g.OutputsOfFour(ties, i);
        Float4.Of(mark.X != 0 ? slope.X / number.X : 0, mark.Y != 0 ? slope.Y / number.Y : 0, mark.Z != 0 ? slope.Z / number.Z : 0,
            mark.W != 0 ? slope.W / number.W : 0).Store(dx, at, count, vectors);
    }

    /// <summary>1 for equal ones, or two NaN.</summary>
    private static float Tie(float a, float b) => a == b || (float.IsNaN(a) && float.IsNaN(b)) ? 1f : 0f;
}
