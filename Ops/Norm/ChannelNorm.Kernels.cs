using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Group and batch norm on the device, over [images, rows, channels]: a pass that measures parts of the rows, a merge of what was
/// measured, and a pass over the elements. The parts depend on sizes alone and are merged in a fixed order.</summary>
public static partial class Op {
    /// <summary>Threads that merge a group's parts.</summary>
    internal const int MergeThreads = 64;

    /// <summary>Fills mean and inverse, 1/√(σ² + ε), both [images, channels]; moves the running statistics, if given, by the
    /// momentum.</summary>
    private static void MomentsGpu(GpuDevice gpu, Tensor mean, Tensor inverse, Tensor x, NormGeometry norm, float eps,
        Tensor? runningMean = null, Tensor? runningVariance = null, float momentum = 0) {
        using var partial = new Tensor(gpu, [norm.Parts * 3 * norm.Images * norm.Channels]);
        gpu.Kernel(MomentsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            NormGeometry>(MomentsKernel))(norm.PartThreads, gpu.Floats(partial), gpu.Floats(x), norm);
        ArrayView<float> toMean = runningMean is null ? default : gpu.Floats(runningMean),
            toVariance = runningVariance is null ? default : gpu.Floats(runningVariance);
        float share = runningMean is null ? -1 : momentum;
        KernelConfig config = (norm.Images * norm.Groups / norm.MergedGroups, MergeThreads);
        if (norm.MergesVectors) {
            gpu.Kernel(MomentsFinishKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, NormGeometry, float, float>(MomentsFinishKernel))
                (config, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(partial), toMean, toVariance, norm, eps, share);
        } else {
            gpu.Kernel(MomentsFinishSingleKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, NormGeometry, float, float>(MomentsFinishSingleKernel))
                (config, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(partial), toMean, toVariance, norm, eps, share);
        }
    }

    private static void NormaliseGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias,
        NormGeometry norm, bool relu = false) {
        if (y.Count == 0) return;
        gpu.Kernel(NormaliseKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, NormGeometry>(NormaliseKernel))
            (norm.ElementThreads, gpu.Floats(y), gpu.Floats(x), gpu.Floats(mean), gpu.Floats(inverse),
            weight is null ? default : gpu.Floats(weight), bias is null ? default : gpu.Floats(bias), weight is null ? 0 : 1,
            bias is null ? 0 : 1, norm);
        if (relu) UnaryGpu(gpu, y, y, new ReluOp());
    }

    /// <summary>What of dy comes through the ReLU behind a norm, whose values are computed again.</summary>
    private static Tensor RectifiedGpu(GpuDevice gpu, Tensor dy, Tensor x, Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias,
        NormGeometry norm) {
        var through = new Tensor(gpu, dy.Shape);
        NormaliseGpu(gpu, through, x, mean, inverse, weight, bias, norm);
        UnarySlopeGpu(gpu, through, dy, through, new ReluOp());
        return through;
    }

    /// <summary>The gradients of weight and bias; and of x, if wanted, where <paramref name="moves"/> says whether the statistics were
    /// x's own.</summary>
    private static void NormGradientGpu(GpuDevice gpu, Tensor? dx, Tensor dWeight, Tensor dBias, Tensor dy, Tensor x, Tensor mean,
        Tensor inverse, Tensor? weight, NormGeometry norm, bool moves) {
        int cells = norm.Images * norm.Channels;
        if (x.Count == 0) {
            gpu.Fill(dWeight, 0);
            gpu.Fill(dBias, 0);
            return;
        }
        using Tensor partial = new(gpu, [norm.Parts * 2 * cells]), totals = new(gpu, [2 * cells]),
            slopes = new(gpu, [2 * norm.Images * norm.Groups]);
        gpu.Kernel(NormSumsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, NormGeometry>(NormSumsKernel))
            (norm.PartThreads, gpu.Floats(partial), gpu.Floats(dy), gpu.Floats(x), gpu.Floats(mean), norm);
        SumPartsGpu(gpu, totals, partial, norm.Parts, 2 * cells);
        ArrayView<float> weights = weight is null ? default : gpu.Floats(weight);
        int hasWeight = weight is null ? 0 : 1;
        gpu.Kernel(NormParametersKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, NormGeometry>(NormParametersKernel))
            ((norm.Channels + 3) / 4, gpu.Floats(dWeight), gpu.Floats(dBias), gpu.Floats(totals), gpu.Floats(inverse), norm);
        if (dx is null) return;
        if (moves) gpu.Kernel(NormSlopesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, int, NormGeometry>(NormSlopesKernel))
            (norm.Images * norm.Groups, gpu.Floats(slopes), gpu.Floats(totals), gpu.Floats(inverse), weights, hasWeight, norm);
        NormInputGradientGpu(gpu, dx, dy, x, mean, inverse, moves ? slopes : null, weight, norm);
    }

    /// <summary>dx = dy·weight·inverse, plus what comes through the statistics where <paramref name="slopes"/> are given.</summary>
    private static void NormInputGradientGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor? x, Tensor? mean, Tensor inverse, Tensor? slopes,
        Tensor? weight, NormGeometry norm) {
        if (dx.Count == 0) return;
        gpu.Kernel(NormInputGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int,
            NormGeometry>(NormInputGradientKernel))
            (norm.ElementThreads, gpu.Floats(dx), gpu.Floats(dy), x is null ? default : gpu.Floats(x),
            mean is null ? default : gpu.Floats(mean), gpu.Floats(inverse), slopes is null ? default : gpu.Floats(slopes),
            weight is null ? default : gpu.Floats(weight), slopes is null ? 0 : 1, weight is null ? 0 : 1, norm);
    }

    /// <summary>(x - mean)·inverse·weight + bias for four neighbouring elements, or one.</summary>
    internal static void NormaliseKernel(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverse,
        ArrayView<float> weight, ArrayView<float> bias, int hasWeight, int hasBias, NormGeometry norm) {
        int at = i * norm.Width, row = at / norm.Channels, c = at - row * norm.Channels, cell = row / norm.Rows * norm.Channels + c;
        if (norm.Vectors == 0) {
            float scale = inverse[cell], shift = 0;
            if (hasWeight != 0) scale *= weight[c];
            if (hasBias != 0) shift = bias[c];
            y[at] = (x[at] - mean[cell]) * scale + shift;
            return;
        }
        Float4 scales = inverse.Cast<Float4>()[cell >> 2], shifts = default;
        if (hasWeight != 0) scales = Float4.Product(scales, weight.Cast<Float4>()[c >> 2]);
        if (hasBias != 0) shifts = bias.Cast<Float4>()[c >> 2];
        Float4.MultiplyAdd(ref shifts, Float4.Affine(x.Cast<Float4>()[at >> 2], mean.Cast<Float4>()[cell >> 2], -1), scales);
        y.Cast<Float4>()[at >> 2] = shifts;
    }
}
