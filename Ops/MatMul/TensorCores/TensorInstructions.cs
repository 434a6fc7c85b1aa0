using ILGPU.Runtime.Cuda;

namespace DenseEngine.Ops;

/// <summary>Instructions of NVIDIA's GPUs from compute capability 8.0 on, as NVIDIA's PTX ISA describes them. ILGPU passes their operands
/// through the thread's memory; <see cref="GpuDevice.MatrixKernel"/> gives them registers.</summary>
internal static class TensorInstructions {
    /// <summary>Whether the kernel is compiled for such a GPU; a constant to the compiler.</summary>
    public static bool AreSupported => CudaAsm.IsSupported;

    public static void MultiplyTensorFloats(ref Float4 sums, int upper, int lower, int upperNext, int lowerNext, int column,
        int columnNext) {
        Ref<float> x = sums.X, y = sums.Y, z = sums.Z, w = sums.W;
        Input<int> a0 = upper, a1 = lower, a2 = upperNext, a3 = lowerNext, b0 = column, b1 = columnNext;
        CudaAsm.EmitRef("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
            + "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        sums = Float4.Of(x.Value, y.Value, z.Value, w.Value);
    }

    public static void MultiplyBrainFloats(ref Float4 sums, int upper, int lower, int upperNext, int lowerNext, int column,
        int columnNext) {
        Ref<float> x = sums.X, y = sums.Y, z = sums.Z, w = sums.W;
        Input<int> a0 = upper, a1 = lower, a2 = upperNext, a3 = lowerNext, b0 = column, b1 = columnNext;
        CudaAsm.EmitRef("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
            + "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref x, ref y, ref z, ref w, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        sums = Float4.Of(x.Value, y.Value, z.Value, w.Value);
    }

    /// <summary>The bits of the nearest TensorFloat-32, away from zero where two are equally near; 13 lower bits are left over, which the
    /// cores do not look at. An addition, but for infinities and NaN: half of what the compiler makes of <c>cvt.rna.tf32.f32</c>.</summary>
    public static int RoundToTensorFloat(float value) {
        Ref<int> word = (int)ILGPU.Interop.FloatAsInt(value);
        Input<float> from = value;
        CudaAsm.EmitRef("{ .reg .f32 size; .reg .pred finite; abs.f32 size, %1; "
            + "setp.lt.f32 finite, size, 0f7F800000; @finite add.s32 %0, %0, 4096; }", ref word, ref from);
        return word.Value;
    }

    /// <summary>The nearest bfloat16 of two values, even where two are equally near, the first in the lower half.</summary>
    public static int RoundToBrainFloats(float first, float second) {
        Output<int> word = default;
        Input<float> lower = first, upper = second;
        CudaAsm.EmitRef("cvt.rn.bf16x2.f32 %0, %1, %2;", ref word, ref upper, ref lower);
        return word.Value;
    }
}
