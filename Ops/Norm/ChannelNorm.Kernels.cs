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
        using var partial = new Tensor(gpu, [norm.Parts * 2 * norm.Images * norm.Channels]);
        gpu.Kernel(MomentsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            NormGeometry>(MomentsKernel))(norm.PartThreads, gpu.Floats(partial), gpu.Floats(x), norm);
        gpu.Kernel(MomentsFinishKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, NormGeometry, float, float>(MomentsFinishKernel))
            ((norm.Images * norm.Groups, MergeThreads), gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(partial),
            runningMean is null ? default : gpu.Floats(runningMean), runningVariance is null ? default : gpu.Floats(runningVariance), norm,
            eps, runningMean is null ? -1 : momentum);
    }

    private static void NormaliseGpu(GpuDevice gpu, Tensor y, Tensor x, Tensor mean, Tensor inverse, Tensor? weight, Tensor? bias,
        NormGeometry norm) {
        if (y.Count == 0) return;
        gpu.Kernel(NormaliseKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, NormGeometry>(NormaliseKernel))
            (norm.ElementThreads, gpu.Floats(y), gpu.Floats(x), gpu.Floats(mean), gpu.Floats(inverse),
            weight is null ? default : gpu.Floats(weight), bias is null ? default : gpu.Floats(bias), weight is null ? 0 : 1,
            bias is null ? 0 : 1, norm);
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
            (norm.Channels, gpu.Floats(dWeight), gpu.Floats(dBias), gpu.Floats(totals), gpu.Floats(inverse), norm);
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

    /// <summary>Four channels (or one) of a part of the rows: mean and sum of squared deviations, measured around the first
    /// row.</summary>
    internal static void MomentsKernel(Index1D i, ArrayView<float> partial, ArrayView<float> x, NormGeometry norm) {
        int part = i / norm.Lanes, channel = (i - part * norm.Lanes) * norm.Width, image = part / norm.Parts;
        int first = (part - image * norm.Parts) * norm.PartRows, rows = Math.Min(norm.PartRows, norm.Rows - first);
        int at = (image * norm.Rows + first) * norm.Channels + channel, to = norm.PartialPlace(part, channel);
        float share = 1f / rows;
        if (norm.Vectors == 0) {
            float start = x[at], sum = 0, squares = 0;
            for (int row = 0; row < rows; row++, at += norm.Channels) {
                float d = x[at] - start;
                sum += d;
                squares += d * d;
            }
            partial[to] = start + sum * share;
            partial[to + norm.Channels] = squares - sum * sum * share;
            return;
        }
        ArrayView<Float4> x4 = x.Cast<Float4>(), partial4 = partial.Cast<Float4>();
        Float4 origin = x4[at >> 2], sums = default, powers = default;
        for (int row = 0; row < rows; row++, at += norm.Channels) {
            Float4 d = Float4.Affine(x4[at >> 2], origin, -1);
            Float4.MultiplyAdd(ref sums, 1, d);
            Float4.MultiplyAdd(ref powers, d, d);
        }
        partial4[to >> 2] = Float4.Affine(origin, sums, share);
        Float4.MultiplyAdd(ref powers, Float4.Affine(default, sums, -share), sums);
        partial4[(to + norm.Channels) >> 2] = powers;
    }

    /// <summary>A group of channels: its mean is that of the parts' means by their rows, its sum of squares that of the parts around it.
    /// A momentum below 0 leaves the running statistics alone.</summary>
    internal static void MomentsFinishKernel(ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> partial,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, NormGeometry norm, float eps, float momentum) {
        ArrayView<double> tree = SharedMemory.Allocate<double>(MergeThreads);
        int thread = Group.IdxX, image = Grid.IdxX / norm.Groups, width = norm.Channels / norm.Groups;
        int first = (Grid.IdxX - image * norm.Groups) * width, entries = norm.Parts * width;
        double count = (double)norm.Rows * width, own = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width;
            own += (double)norm.RowsOf(part) * partial[norm.PartialPlace(image * norm.Parts + part, first + i - part * width)];
        }
        double middle = SumOfGroup(tree, thread, own) / count;
        own = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width, at = norm.PartialPlace(image * norm.Parts + part, first + i - part * width);
            double apart = partial[at] - middle;
            own += partial[at + norm.Channels] + norm.RowsOf(part) * apart * apart;
        }
        double variance = SumOfGroup(tree, thread, own) / count;
        float root = 1 / MathF.Sqrt((float)(variance + eps));
        for (int c = first + thread; c < first + width; c += MergeThreads) {
            mean[image * norm.Channels + c] = (float)middle;
            inverse[image * norm.Channels + c] = root;
            if (momentum < 0) continue;
            runningMean[c] = (float)((1 - (double)momentum) * runningMean[c] + momentum * middle);
            runningVariance[c] = (float)((1 - (double)momentum) * runningVariance[c] + momentum * variance * count / (count - 1));
        }
    }

    /// <summary>The sum over the threads of a group of <see cref="MergeThreads"/>, in a tree; every thread gets it.</summary>
    private static double SumOfGroup(ArrayView<double> tree, int thread, double own) {
        Group.Barrier();
        tree[thread] = own;
        Group.Barrier();
        for (int half = MergeThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] += tree[thread + half];
            Group.Barrier();
        }
        return tree[0];
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
