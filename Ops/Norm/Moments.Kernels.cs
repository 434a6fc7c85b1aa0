using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a norm measures, all in single precision: each part of the rows around its own first row; the merge works with distances
/// from one origin, so that a mean far from zero costs no digits of the variance, and keeps what rounding takes from its sums.</summary>
public static partial class Op {
    /// <summary>A group's lanes of a part of the rows: the first row, the mean's distance from it, and the sum of squared
    /// deviations.</summary>
    internal static void MomentsKernel<TQuads>(ArrayView<float> partial, ArrayView<float> x, NormGeometry norm)
        where TQuads : struct, IQuads {
        ArrayView<Float4> sumTree = SharedMemory.Allocate<Float4>(ColumnCut.Threads),
            powerTree = SharedMemory.Allocate<Float4>(ColumnCut.Threads);
        int thread = Group.IdxX, part = norm.Cut.Part(Grid.IdxX), image = part / norm.Cut.Parts, within = part - image * norm.Cut.Parts;
        int rows = norm.Cut.RowsOf(within), apart = norm.Cut.RowThreads, step = apart * norm.Channels;
        (int lane, int row) = norm.Cut.Place(Grid.IdxX, thread);
        bool works = norm.Cut.Has(lane, row);
        int channel = 4 * lane, count = norm.Channels - channel, start = norm.At(image, within * norm.Cut.PartRows, channel);
        Float4 origin = default, sums = default, powers = default;
        if (works) {
            origin = TQuads.Load(x, start, count);
            int at = start + row * norm.Channels, next = row;
            for (; next + 3 * apart < rows; next += 4 * apart, at += 4 * step) {
                Float4 a = TQuads.Load(x, at, count), b = TQuads.Load(x, at + step, count), c = TQuads.Load(x, at + 2 * step, count),
                    d = TQuads.Load(x, at + 3 * step, count);
                AddMoments(ref sums, ref powers, a, origin);
                AddMoments(ref sums, ref powers, b, origin);
                AddMoments(ref sums, ref powers, c, origin);
                AddMoments(ref sums, ref powers, d, origin);
            }
            for (; next < rows; next += apart, at += step) AddMoments(ref sums, ref powers, TQuads.Load(x, at, count), origin);
        }
        sums = norm.Cut.Join(sumTree, thread, sums, new SumReduction());
        powers = norm.Cut.Join(powerTree, thread, powers, new SumReduction());
        if (!works || row != 0) return;
        Float4 means = Float4.Affine(default, sums, 1f / rows);
        Float4.MultiplyAdd(ref powers, Float4.Affine(default, means, -1), sums);
        int to = norm.PartialPlace(part, channel);
        TQuads.Store(origin, partial, to, count);
        TQuads.Store(means, partial, to + norm.Channels, count);
        TQuads.Store(powers, partial, to + 2 * norm.Channels, count);
    }

    private static void AddMoments(ref Float4 sums, ref Float4 powers, Float4 value, Float4 origin) {
        Float4 d = Float4.Difference(value, origin);
        Float4.MultiplyAdd(ref sums, 1, d);
        Float4.MultiplyAdd(ref powers, d, d);
    }

    /// <summary>A group of channels, or four groups of one channel: the mean is that of the parts' means by their rows, the sum of squares
    /// that of the parts around it. A momentum below 0 leaves the running statistics alone.</summary>
    internal static void MomentsFinishKernel<TWarp>(ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> partial,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, NormGeometry norm, float eps, float momentum)
        where TWarp : struct, IWarp {
        ArrayView<float> tree = SharedMemory.Allocate<float>(MergeThreads);
        ArrayView<Float4> partial4 = partial.Cast<Float4>();
        int thread = Group.IdxX, width = norm.Channels / norm.Groups, apart = norm.Channels >> 2;
        int group = Grid.IdxX * norm.MergedGroups, image = group / norm.Groups, first = (group - image * norm.Groups) * width;
        int lanes = width == 1 ? 1 : width >> 2, entries = norm.Cut.Parts * lanes;
        Float4 origin = partial4[norm.PartialPlace(image * norm.Cut.Parts, first) >> 2];
        if (width > 1) origin = Float4.Splat(origin.X);
        float share = 1 / ((float)norm.Rows * width);
        Float4 own = default, lost = default;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / lanes, at = norm.PartialPlace(image * norm.Cut.Parts + part, first + (i - part * lanes) * 4) >> 2;
            Float4 further = Float4.Affine(Float4.Difference(partial4[at], origin), partial4[at + apart], 1);
            Float4.AddKeeping(ref own, ref lost, Float4.Affine(default, further, norm.Cut.RowsOf(part)));
        }
        Float4 middle = Float4.Affine(default, SumOfGroup<TWarp>(tree, thread, own, width > 1), share);
        own = default;
        lost = default;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / lanes, at = norm.PartialPlace(image * norm.Cut.Parts + part, first + (i - part * lanes) * 4) >> 2;
            Float4 further = Float4.Affine(Float4.Difference(partial4[at], origin), partial4[at + apart], 1);
            further = Float4.Difference(further, middle);
            Float4 squares = partial4[at + 2 * apart];
            Float4.MultiplyAdd(ref squares, Float4.Affine(default, further, norm.Cut.RowsOf(part)), further);
            Float4.AddKeeping(ref own, ref lost, squares);
        }
        Float4 variance = Float4.Affine(default, SumOfGroup<TWarp>(tree, thread, own, width > 1), share),
            root = InverseRoots(variance, eps);
        middle = Float4.Affine(middle, origin, 1);
        for (int c = thread; c < lanes; c += MergeThreads) {
            int at = (first >> 2) + c, cell = image * apart + at;
            mean.Cast<Float4>()[cell] = middle;
            inverse.Cast<Float4>()[cell] = root;
            if (momentum < 0) continue;
            ArrayView<Float4> means = runningMean.Cast<Float4>(), variances = runningVariance.Cast<Float4>();
            float count = (float)norm.Rows * width;
            means[at] = Float4.Affine(Float4.Affine(default, means[at], 1 - momentum), middle, momentum);
            variances[at] = Float4.Affine(Float4.Affine(default, variances[at], 1 - momentum), variance, momentum * (count / (count - 1)));
        }
    }

    /// <summary>1/√(variance + ε).</summary>
    private static Float4 InverseRoots(Float4 variance, float eps) => Float4.Of(1 / MathF.Sqrt(variance.X + eps),
        1 / MathF.Sqrt(variance.Y + eps), 1 / MathF.Sqrt(variance.Z + eps), 1 / MathF.Sqrt(variance.W + eps));

    /// <summary>What <see cref="MomentsFinishKernel{TWarp}"/> does, by single channels.</summary>
    internal static void MomentsFinishSingleKernel<TWarp>(ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> partial,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, NormGeometry norm, float eps, float momentum)
        where TWarp : struct, IWarp {
        ArrayView<float> tree = SharedMemory.Allocate<float>(MergeThreads);
        int thread = Group.IdxX, image = Grid.IdxX / norm.Groups, width = norm.Channels / norm.Groups;
        int first = (Grid.IdxX - image * norm.Groups) * width, entries = norm.Cut.Parts * width;
        float origin = partial[norm.PartialPlace(image * norm.Cut.Parts, first)], count = (float)norm.Rows * width, own = 0, lost = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width, at = norm.PartialPlace(image * norm.Cut.Parts + part, first + i - part * width);
            float further = partial[at] - origin + partial[at + norm.Channels];
            Float4.AddKeeping(ref own, ref lost, further * norm.Cut.RowsOf(part));
        }
        float middle = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own) / count;
        own = 0;
        lost = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width, at = norm.PartialPlace(image * norm.Cut.Parts + part, first + i - part * width);
            float further = partial[at] - origin + partial[at + norm.Channels] - middle;
            Float4.AddKeeping(ref own, ref lost, partial[at + 2 * norm.Channels] + norm.Cut.RowsOf(part) * further * further);
        }
        float variance = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own) / count, root = 1 / MathF.Sqrt(variance + eps);
        middle += origin;
        for (int c = first + thread; c < first + width; c += MergeThreads) {
            mean[image * norm.Channels + c] = middle;
            inverse[image * norm.Channels + c] = root;
            if (momentum < 0) continue;
            runningMean[c] = (1 - momentum) * runningMean[c] + momentum * middle;
            runningVariance[c] = (1 - momentum) * runningVariance[c] + momentum * (count / (count - 1)) * variance;
        }
    }

    /// <summary>The sums over the threads of a group of <see cref="MergeThreads"/>, or four times the sum of all; every thread gets
    /// them.</summary>
    private static Float4 SumOfGroup<TWarp>(ArrayView<float> tree, int thread, Float4 own, bool all) where TWarp : struct, IWarp {
        if (all) return Float4.Splat(GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own.X + own.Y + (own.Z + own.W)));
        own.X = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own.X);
        own.Y = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own.Y);
        own.Z = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own.Z);
        own.W = GroupJoin.Sum<TWarp>(tree, thread, MergeThreads, own.W);
        return own;
    }
}
