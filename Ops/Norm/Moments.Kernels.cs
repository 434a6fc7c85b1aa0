using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a norm measures, all in single precision: each part of the rows around its own first row; the merge works with distances
/// from one origin, so that a mean far from zero costs no digits of the variance, and keeps what rounding takes from its sums.</summary>
public static partial class Op {
    /// <summary>Four channels (or one) of a part of the rows: the first row, the mean's distance from it, and the sum of
    /// squared deviations.</summary>
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
            partial[to] = start;
            partial[to + norm.Channels] = sum * share;
            partial[to + 2 * norm.Channels] = squares - sum * sum * share;
            return;
        }
        ArrayView<Float4> x4 = x.Cast<Float4>(), partial4 = partial.Cast<Float4>();
        Float4 origin = x4[at >> 2], sums = default, powers = default;
        for (int row = 0; row < rows; row++, at += norm.Channels) {
            Float4 d = Float4.Affine(x4[at >> 2], origin, -1);
            Float4.MultiplyAdd(ref sums, 1, d);
            Float4.MultiplyAdd(ref powers, d, d);
        }
        Float4 means = Float4.Affine(default, sums, share);
        Float4.MultiplyAdd(ref powers, Float4.Affine(default, means, -1), sums);
        partial4[to >> 2] = origin;
        partial4[(to + norm.Channels) >> 2] = means;
        partial4[(to + 2 * norm.Channels) >> 2] = powers;
    }

    /// <summary>A group of channels, or four groups of one channel: the mean is that of the parts' means by their rows, the sum of squares
    /// that of the parts around it. A momentum below 0 leaves the running statistics alone.</summary>
    internal static void MomentsFinishKernel(ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> partial,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, NormGeometry norm, float eps, float momentum) {
        ArrayView<Float4> tree = SharedMemory.Allocate<Float4>(MergeThreads), partial4 = partial.Cast<Float4>();
        int thread = Group.IdxX, width = norm.Channels / norm.Groups, apart = norm.Channels >> 2;
        int group = Grid.IdxX * norm.MergedGroups, image = group / norm.Groups, first = (group - image * norm.Groups) * width;
        int lanes = width == 1 ? 1 : width >> 2, entries = norm.Parts * lanes;
        Float4 origin = partial4[norm.PartialPlace(image * norm.Parts, first) >> 2];
        if (width > 1) origin = Float4.Splat(origin.X);
        float share = 1 / ((float)norm.Rows * width);
        Float4 own = default, lost = default;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / lanes, at = norm.PartialPlace(image * norm.Parts + part, first + (i - part * lanes) * 4) >> 2;
            Float4 further = Float4.Affine(Float4.Difference(partial4[at], origin), partial4[at + apart], 1);
            Float4.AddKeeping(ref own, ref lost, Float4.Affine(default, further, norm.RowsOf(part)));
        }
        Float4 middle = Float4.Affine(default, SumOfGroup(tree, thread, own, width > 1), share);
        own = default;
        lost = default;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / lanes, at = norm.PartialPlace(image * norm.Parts + part, first + (i - part * lanes) * 4) >> 2;
            Float4 further = Float4.Affine(Float4.Difference(partial4[at], origin), partial4[at + apart], 1);
            further = Float4.Difference(further, middle);
            Float4 squares = partial4[at + 2 * apart];
            Float4.MultiplyAdd(ref squares, Float4.Affine(default, further, norm.RowsOf(part)), further);
            Float4.AddKeeping(ref own, ref lost, squares);
        }
        Float4 variance = Float4.Affine(default, SumOfGroup(tree, thread, own, width > 1), share), root = InverseRoots(variance, eps);
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

    /// <summary>What <see cref="MomentsFinishKernel"/> does, by single channels.</summary>
    internal static void MomentsFinishSingleKernel(ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> partial,
        ArrayView<float> runningMean, ArrayView<float> runningVariance, NormGeometry norm, float eps, float momentum) {
        ArrayView<float> tree = SharedMemory.Allocate<float>(MergeThreads);
        int thread = Group.IdxX, image = Grid.IdxX / norm.Groups, width = norm.Channels / norm.Groups;
        int first = (Grid.IdxX - image * norm.Groups) * width, entries = norm.Parts * width;
        float origin = partial[norm.PartialPlace(image * norm.Parts, first)], count = (float)norm.Rows * width, own = 0, lost = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width, at = norm.PartialPlace(image * norm.Parts + part, first + i - part * width);
            float further = partial[at] - origin + partial[at + norm.Channels];
            Float4.AddKeeping(ref own, ref lost, further * norm.RowsOf(part));
        }
        float middle = SumOfGroup(tree, thread, own) / count;
        own = 0;
        lost = 0;
        for (int i = thread; i < entries; i += MergeThreads) {
            int part = i / width, at = norm.PartialPlace(image * norm.Parts + part, first + i - part * width);
            float further = partial[at] - origin + partial[at + norm.Channels] - middle;
            Float4.AddKeeping(ref own, ref lost, partial[at + 2 * norm.Channels] + norm.RowsOf(part) * further * further);
        }
        float variance = SumOfGroup(tree, thread, own) / count, root = 1 / MathF.Sqrt(variance + eps);
        middle += origin;
        for (int c = first + thread; c < first + width; c += MergeThreads) {
            mean[image * norm.Channels + c] = middle;
            inverse[image * norm.Channels + c] = root;
            if (momentum < 0) continue;
            runningMean[c] = (1 - momentum) * runningMean[c] + momentum * middle;
            runningVariance[c] = (1 - momentum) * runningVariance[c] + momentum * (count / (count - 1)) * variance;
        }
    }

    /// <summary>The sums over the threads of a group of <see cref="MergeThreads"/>, in a tree, or four times the sum of all; every thread
    /// gets them.</summary>
    private static Float4 SumOfGroup(ArrayView<Float4> tree, int thread, Float4 own, bool all) {
        Group.Barrier();
        tree[thread] = own;
        Group.Barrier();
        for (int half = MergeThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] = Float4.Affine(tree[thread], tree[thread + half], 1);
            Group.Barrier();
        }
        Float4 sum = tree[0];
        if (all) sum = Float4.Splat(sum.X + sum.Y + (sum.Z + sum.W));
        return sum;
    }

    /// <summary>The sum over the threads of a group of <see cref="MergeThreads"/>, in a tree; every thread gets it.</summary>
    private static float SumOfGroup(ArrayView<float> tree, int thread, float own) {
        Group.Barrier();
        tree[thread] = own;
        Group.Barrier();
        for (int half = MergeThreads / 2; half > 0; half /= 2) {
            if (thread < half) tree[thread] += tree[thread + half];
            Group.Barrier();
        }
        return tree[0];
    }
}
