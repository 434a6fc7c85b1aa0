using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>What a norm's gradient reads and writes.</summary>
    /// <param name="Dx">The gradient of x, or null where it is not wanted.</param>
    /// <param name="DWeight">[channels].</param>
    /// <param name="DBias">[channels].</param>
    /// <param name="Dy">The gradient given.</param>
    /// <param name="X">x.</param>
    /// <param name="Mean">[images, channels].</param>
    /// <param name="Inverse">[images, channels].</param>
    /// <param name="Weight">[channels], or null for 1.</param>
    /// <param name="Bias">[channels], where a ReLU followed at once, or null for 0.</param>
    /// <param name="Y">The result, where a sum and a ReLU followed; else null.</param>
    /// <param name="DAdded">What came through that ReLU: the gradient of what was added.</param>
    private readonly record struct NormGradient(Tensor? Dx, Tensor DWeight, Tensor DBias, Tensor Dy, Tensor X, Tensor Mean, Tensor Inverse,
        Tensor? Weight, Tensor? Bias = null, Tensor? Y = null, Tensor? DAdded = null);

    /// <summary>All gradients of a norm. Where the statistics were x's own, <paramref name="moves"/>, x's gradient needs the sums over the
    /// rows, and a second pass; else one pass makes both.</summary>
    private static void NormGradientGpu(GpuDevice gpu, NormGradient t, NormGeometry norm, bool moves, bool rectifies) {
        if (t.X.Count == 0) {
            gpu.Fill(t.DWeight, 0);
            gpu.Fill(t.DBias, 0);
        } else if (norm.Vectors != 0) NormGradientWith<WholeQuads>(gpu, t, norm, moves, rectifies);
        else NormGradientWith<OddQuads>(gpu, t, norm, moves, rectifies);
    }

    private static void NormGradientWith<TQuads>(GpuDevice gpu, NormGradient t, NormGeometry norm, bool moves, bool rectifies)
        where TQuads : struct, IQuads {
        using Tensor partial = new(gpu, [norm.Cut.Parts, 2 * norm.Cells]), totals = new(gpu, [2 * norm.Cells]);
        NormTerms terms = NormTerms.Of(t.Weight, t.Bias, rectifies, t.Y);
        ArrayView<float> weight = View(gpu, t.Weight), bias = View(gpu, t.Bias), mean = gpu.Floats(t.Mean), inverse = gpu.Floats(t.Inverse);
        gpu.Kernel(NormSumsKernel<TQuads>, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, NormTerms,
            NormGeometry>(NormSumsKernel<TQuads>))
            ((norm.Cut.Groups, ColumnCut.Threads), gpu.Floats(partial), moves ? default : View(gpu, t.Dx), View(gpu, t.DAdded),
            gpu.Floats(t.Dy), gpu.Floats(t.X), View(gpu, t.Y), mean, inverse, weight, bias,
            !moves && t.Dx is not null ? 1 : 0, terms, norm);
        ReduceGpu(gpu, totals, partial, new ReductionGeometry(partial.Shape, [true, false]), new SumReduction());
        gpu.Kernel(NormParametersKernel<TQuads>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, NormGeometry>(NormParametersKernel<TQuads>))
            (norm.Lanes, gpu.Floats(t.DWeight), gpu.Floats(t.DBias), gpu.Floats(totals), inverse, norm);
        if (t.Dx is null || !moves) return;
        using Tensor slopes = new(gpu, [2 * norm.Cells]);
        gpu.Kernel(NormSlopesKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, int, NormGeometry>(NormSlopesKernel))
            (norm.Images * norm.Groups, gpu.Floats(slopes), gpu.Floats(totals), inverse, weight, terms.HasWeight, norm);
        // What came through the ReLU behind a sum is there already.
        if (t.Y is not null) terms = NormTerms.Of(t.Weight, null);
        gpu.Kernel(NormInputGradientKernel<TQuads>, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, NormTerms,
            NormGeometry>(NormInputGradientKernel<TQuads>))
            (norm.BlockThreads, gpu.Floats(t.Dx), gpu.Floats(t.DAdded ?? t.Dy), gpu.Floats(t.X), mean, inverse, gpu.Floats(slopes), weight,
            bias, terms, norm);
    }

    /// <summary>dx = dy·weight·inverse.</summary>
    private static void NormFactorGpu(GpuDevice gpu, Tensor dx, Tensor dy, Tensor inverse, Tensor? weight, NormGeometry norm) {
        if (dx.Count == 0) return;
        using Tensor zero = Tensor.Zeros(inverse.Shape, DType.Float32, gpu);
        NormaliseGpu(gpu, dx, dy, zero, inverse, weight, null, norm);
    }

    /// <summary>A group's lanes of a part of the rows: Σ dy and Σ dy·(x - mean), where a ReLU followed of what comes through it; that is
    /// written if it is the gradient of something added, and, with <paramref name="hasInput"/>, dx = dy·weight·inverse.</summary>
    internal static void NormSumsKernel<TQuads>(ArrayView<float> partial, ArrayView<float> dx, ArrayView<float> dAdded, ArrayView<float> dy,
        ArrayView<float> x, ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> weight,
        ArrayView<float> bias, int hasInput, NormTerms terms, NormGeometry norm) where TQuads : struct, IQuads {
        ArrayView<Float4> sumTree = SharedMemory.Allocate<Float4>(ColumnCut.Threads),
            productTree = SharedMemory.Allocate<Float4>(ColumnCut.Threads);
        int thread = Group.IdxX, part = norm.Cut.Part(Grid.IdxX), image = part / norm.Cut.Parts, within = part - image * norm.Cut.Parts;
        int rows = norm.Cut.RowsOf(within), apart = norm.Cut.RowThreads, step = apart * norm.Channels;
        (int lane, int row) = norm.Cut.Place(Grid.IdxX, thread);
        bool works = norm.Cut.Has(lane, row);
        int channel = 4 * lane, count = norm.Channels - channel, cell = image * norm.Channels + channel;
        Float4 sums = default, products = default;
        if (works) {
            Float4 middles = TQuads.Load(mean, cell, count), scales = TQuads.Load(inverse, cell, count), shifts = default;
            if (terms.HasWeight != 0) scales = Float4.Product(scales, TQuads.Load(weight, channel, count));
            if (terms.HasBias != 0) shifts = TQuads.Load(bias, channel, count);
            int start = norm.At(image, within * norm.Cut.PartRows, channel);
            for (int next = row; next < rows; next += 2 * apart) {   // two rows at a time; without a second, the first again
                int at = start + next * norm.Channels, further = at;
                if (next + apart < rows) further = at + step;
                Float4 slope = TQuads.Load(dy, at, count), second = TQuads.Load(dy, further, count);
                Float4 value = TQuads.Load(x, at, count), other = TQuads.Load(x, further, count);
                value = Float4.Difference(value, middles);
                other = Float4.Difference(other, middles);
                if (terms.HasAdded != 0) {
                    Float4 result = TQuads.Load(y, at, count), next2 = TQuads.Load(y, further, count);
                    OpenAt(ref slope, result);
                    OpenAt(ref second, next2);
                    TQuads.Store(slope, dAdded, at, count);
                    TQuads.Store(second, dAdded, further, count);
                } else if (terms.Rectifies != 0) {
                    Open(ref slope, value, scales, shifts);
                    Open(ref second, other, scales, shifts);
                }
                if (hasInput != 0) {
                    TQuads.Store(Float4.Product(slope, scales), dx, at, count);
                    TQuads.Store(Float4.Product(second, scales), dx, further, count);
                }
                if (further == at) second = default;
                Float4.MultiplyAdd(ref sums, 1, slope);
                Float4.MultiplyAdd(ref products, slope, value);
                Float4.MultiplyAdd(ref sums, 1, second);
                Float4.MultiplyAdd(ref products, second, other);
            }
        }
        sums = norm.Cut.Join(sumTree, thread, sums, new SumReduction());
        products = norm.Cut.Join(productTree, thread, products, new SumReduction());
        if (!works || row != 0) return;
        // Part by part, the totals of all images and channels.
        int to = (within * 2 * norm.Images + image) * norm.Channels + channel;
        TQuads.Store(sums, partial, to, count);
        TQuads.Store(products, partial, to + norm.Cells, count);
    }

    /// <summary>Four channels' gradients of weight and bias: the sums of all images, in order.</summary>
    internal static void NormParametersKernel<TQuads>(Index1D i, ArrayView<float> dWeight, ArrayView<float> dBias, ArrayView<float> totals,
        ArrayView<float> inverse, NormGeometry norm) where TQuads : struct, IQuads {
        int c = 4 * i, count = norm.Channels - c;
        Float4 toWeight = default, toBias = default;
        for (int image = 0; image < norm.Images; image++) {
            int cell = image * norm.Channels + c;
            Float4.MultiplyAdd(ref toBias, 1, TQuads.Load(totals, cell, count));
            Float4.MultiplyAdd(ref toWeight, TQuads.Load(totals, norm.Cells + cell, count), TQuads.Load(inverse, cell, count));
        }
        toWeight.Store(dWeight, c, count, 1);
        toBias.Store(dBias, c, count, 1);
    }

    /// <summary>What a group's statistics pass on, for each of its channels: the factor of x - mean, and what is added to all.</summary>
    internal static void NormSlopesKernel(Index1D group, ArrayView<float> slopes, ArrayView<float> totals, ArrayView<float> inverse,
        ArrayView<float> weight, int hasWeight, NormGeometry norm) {
        int width = norm.Channels / norm.Groups, image = group / norm.Groups, first = (group - image * norm.Groups) * width;
        int vectors = norm.Vectors != 0 && width % 4 == 0 ? 1 : 0, cell = image * norm.Channels + first;
        float root = inverse[cell], share = 1f / norm.Rows / width;
        Float4 sums = default, products = default;
        for (int c = 0; c < width; c += 4) {
            Float4 weights = Float4.Splat(1);
            if (hasWeight != 0) weights = Float4.Load(weight, first + c, width - c, vectors);
            Float4.MultiplyAdd(ref sums, weights, Float4.Load(totals, cell + c, width - c, vectors));
            Float4.MultiplyAdd(ref products, weights, Float4.Load(totals, norm.Cells + cell + c, width - c, vectors));
        }
        Float4 factor = Float4.Splat(-root * root * root * (products.X + products.Y + (products.Z + products.W)) * share);
        Float4 shift = Float4.Splat(-root * (sums.X + sums.Y + (sums.Z + sums.W)) * share);
        for (int c = 0; c < width; c += 4) {
            factor.Store(slopes, cell + c, width - c, vectors);
            shift.Store(slopes, norm.Cells + cell + c, width - c, vectors);
        }
    }

    /// <summary>dy·weight·inverse + (x - mean)·slope + shift for four neighbouring channels of four rows; where a ReLU followed, dy counts
    /// where it let the value through.</summary>
    internal static void NormInputGradientKernel<TQuads>(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> x,
        ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> slopes, ArrayView<float> weight, ArrayView<float> bias,
        NormTerms terms, NormGeometry norm) where TQuads : struct, IQuads {
        (int image, int row, int channel) = norm.Block(i);
        int count = norm.Channels - channel, cell = image * norm.Channels + channel, left = norm.Rows - row;
        int at0 = norm.At(image, row, channel), at1 = norm.At(image, row + 1, channel), at2 = norm.At(image, row + 2, channel),
            at3 = norm.At(image, row + 3, channel);
        Float4 a = TQuads.Load(dy, at0, count), b = TQuads.Load(dy, at1, count), c = TQuads.Load(dy, at2, count),
            d = TQuads.Load(dy, at3, count);
        Float4 e = TQuads.Load(x, at0, count), f = TQuads.Load(x, at1, count), g = TQuads.Load(x, at2, count),
            h = TQuads.Load(x, at3, count);
        Float4 middles = TQuads.Load(mean, cell, count), scales = TQuads.Load(inverse, cell, count), shifts = default;
        Float4 factors = TQuads.Load(slopes, cell, count), moves = TQuads.Load(slopes, norm.Cells + cell, count);
        if (terms.HasWeight != 0) scales = Float4.Product(scales, TQuads.Load(weight, channel, count));
        if (terms.HasBias != 0) shifts = TQuads.Load(bias, channel, count);
        e = Float4.Difference(e, middles);
        f = Float4.Difference(f, middles);
        g = Float4.Difference(g, middles);
        h = Float4.Difference(h, middles);
        if (terms.Rectifies != 0) {
            Open(ref a, e, scales, shifts);
            Open(ref b, f, scales, shifts);
            Open(ref c, g, scales, shifts);
            Open(ref d, h, scales, shifts);
        }
        TQuads.Store(Slope(a, e, scales, factors, moves), dx, at0, count);
        if (left > 1) TQuads.Store(Slope(b, f, scales, factors, moves), dx, at1, count);
        if (left > 2) TQuads.Store(Slope(c, g, scales, factors, moves), dx, at2, count);
        if (left > 3) TQuads.Store(Slope(d, h, scales, factors, moves), dx, at3, count);
    }

    private static Float4 Slope(Float4 dy, Float4 apart, Float4 scales, Float4 factors, Float4 moves) {
        Float4.MultiplyAdd(ref moves, apart, factors);
        Float4.MultiplyAdd(ref moves, dy, scales);
        return moves;
    }

    /// <summary>What of dy comes through a ReLU whose input is computed again.</summary>
    private static void Open(ref Float4 dy, Float4 apart, Float4 scales, Float4 shifts) {
        Float4.MultiplyAdd(ref shifts, apart, scales);
        OpenAt(ref dy, shifts);
    }

    /// <summary>What of dy comes through a ReLU of a value, or of its result.</summary>
    private static void OpenAt(ref Float4 dy, Float4 value) {
        if (!(value.X > 0)) dy.X = 0;
        if (!(value.Y > 0)) dy.Y = 0;
        if (!(value.Z > 0)) dy.Z = 0;
        if (!(value.W > 0)) dy.W = 0;
    }
}
