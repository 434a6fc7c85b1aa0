using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Group and batch norm on the device, over [images, rows, channels]: a pass that measures parts of the rows, a merge of what was
/// measured, and a pass over the elements. The parts depend on sizes alone and are merged in a fixed order.</summary>
public static partial class Op {
    /// <summary>Threads that merge a group's parts.</summary>
    internal const int MergeThreads = 256;

    /// <summary>Fills mean and inverse, 1/√(σ² + ε), both [images, channels]; moves the running statistics, if given, by the
    /// momentum.</summary>
    private static void MomentsGpu(GpuDevice gpu, Tensor mean, Tensor inverse, Tensor x, NormGeometry norm, float eps,
        Tensor? runningMean = null, Tensor? runningVariance = null, float momentum = 0) {
        if (gpu.HasShuffles) MomentsWith<Shuffles>(gpu, mean, inverse, x, norm, eps, runningMean, runningVariance, momentum);
        else MomentsWith<NoShuffles>(gpu, mean, inverse, x, norm, eps, runningMean, runningVariance, momentum);
    }

    private static void MomentsWith<TWarp>(GpuDevice gpu, Tensor mean, Tensor inverse, Tensor x, NormGeometry norm, float eps,
        Tensor? runningMean, Tensor? runningVariance, float momentum) where TWarp : struct, IWarp {
        using var partial = new Tensor(gpu, [norm.Cut.Parts * 3 * norm.Cells]);
        if (norm.Vectors != 0) MeasureGpu<WholeQuads>(gpu, partial, x, norm);
        else MeasureGpu<OddQuads>(gpu, partial, x, norm);
        ArrayView<float> toMean = View(gpu, runningMean), toVariance = View(gpu, runningVariance);
        float share = runningMean is null ? -1 : momentum;
        KernelConfig config = (norm.Images * norm.Groups / norm.MergedGroups, MergeThreads);
        if (norm.MergesVectors) {
            gpu.Kernel(MomentsFinishKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, NormGeometry, float, float>(MomentsFinishKernel<TWarp>))
                (config, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(partial), toMean, toVariance, norm, eps, share);
        } else {
            gpu.Kernel(MomentsFinishSingleKernel<TWarp>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, NormGeometry, float, float>(MomentsFinishSingleKernel<TWarp>))
                (config, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(partial), toMean, toVariance, norm, eps, share);
        }
    }

    private static void MeasureGpu<TQuads>(GpuDevice gpu, Tensor partial, Tensor x, NormGeometry norm) where TQuads : struct, IQuads =>
        gpu.Kernel(MomentsKernel<TQuads>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>,
            NormGeometry>(MomentsKernel<TQuads>))((norm.Cut.Groups, ColumnCut.Threads), gpu.Floats(partial), gpu.Floats(x), norm);

    private static void NormaliseGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias,
        NormGeometry norm, bool relu = false, Tensor? added = null) {
        if (y.Count == 0) return;
        if (norm.Vectors != 0) NormaliseWith<WholeQuads>(gpu, y, x, mean, inverse, weight, bias, norm, relu, added);
        else NormaliseWith<OddQuads>(gpu, y, x, mean, inverse, weight, bias, norm, relu, added);
    }

    private static void NormaliseWith<TQuads>(GpuDevice gpu, Tensor y, Tensor x, Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias,
        NormGeometry norm, bool relu, Tensor? added) where TQuads : struct, IQuads =>
        gpu.Kernel(NormaliseKernel<TQuads>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, NormTerms,
            NormGeometry>(NormaliseKernel<TQuads>))
            (norm.BlockThreads, gpu.Floats(y), gpu.Floats(x), gpu.Floats(mean), gpu.Floats(inverse), View(gpu, weight), View(gpu, bias),
            View(gpu, added), NormTerms.Of(weight, bias, relu, added), norm);

    /// <summary>(x - mean)·inverse·weight + bias, a sum and a ReLU if they follow, for four neighbouring channels of four rows, whose loads
    /// are on their way together. y may be x, or what is added.</summary>
    internal static void NormaliseKernel<TQuads>(Index1D i, ArrayView<float> y, ArrayView<float> x, ArrayView<float> mean,
        ArrayView<float> inverse, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> added, NormTerms terms,
        NormGeometry norm) where TQuads : struct, IQuads {
        (int image, int row, int channel) = norm.Block(i);
        int count = norm.Channels - channel, cell = image * norm.Channels + channel, left = norm.Rows - row;
        int at0 = norm.At(image, row, channel), at1 = norm.At(image, row + 1, channel), at2 = norm.At(image, row + 2, channel),
            at3 = norm.At(image, row + 3, channel);
        Float4 a = TQuads.Load(x, at0, count), b = TQuads.Load(x, at1, count), c = TQuads.Load(x, at2, count),
            d = TQuads.Load(x, at3, count);
        Float4 middles = TQuads.Load(mean, cell, count), scales = TQuads.Load(inverse, cell, count), shifts = default;
        if (terms.HasWeight != 0) scales = Float4.Product(scales, TQuads.Load(weight, channel, count));
        if (terms.HasBias != 0) shifts = TQuads.Load(bias, channel, count);
        Normalise(ref a, middles, scales, shifts);
        Normalise(ref b, middles, scales, shifts);
        Normalise(ref c, middles, scales, shifts);
        Normalise(ref d, middles, scales, shifts);
        if (terms.HasAdded != 0) {
            Float4 e = TQuads.Load(added, at0, count), f = TQuads.Load(added, at1, count), g = TQuads.Load(added, at2, count),
                h = TQuads.Load(added, at3, count);
            Float4.MultiplyAdd(ref a, 1, e);
            Float4.MultiplyAdd(ref b, 1, f);
            Float4.MultiplyAdd(ref c, 1, g);
            Float4.MultiplyAdd(ref d, 1, h);
        }
        if (terms.Rectifies != 0) {
            Rectify(ref a);
            Rectify(ref b);
            Rectify(ref c);
            Rectify(ref d);
        }
        TQuads.Store(a, y, at0, count);
        if (left > 1) TQuads.Store(b, y, at1, count);
        if (left > 2) TQuads.Store(c, y, at2, count);
        if (left > 3) TQuads.Store(d, y, at3, count);
    }

    private static void Normalise(ref Float4 value, Float4 middles, Float4 scales, Float4 shifts) {
        Float4 apart = Float4.Difference(value, middles);
        value = shifts;
        Float4.MultiplyAdd(ref value, apart, scales);
    }

    /// <summary>Zero for what is not above it, but NaN stays.</summary>
    private static void Rectify(ref Float4 value) {
        if (value.X <= 0) value.X = 0;
        if (value.Y <= 0) value.Y = 0;
        if (value.Z <= 0) value.Z = 0;
        if (value.W <= 0) value.W = 0;
    }
}
