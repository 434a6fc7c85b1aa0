using ILGPU;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Four channels (or one) of a part of the rows: Σ dy and Σ dy·(x - mean).</summary>
    internal static void NormSumsKernel(Index1D i, ArrayView<float> partial, ArrayView<float> dy, ArrayView<float> x, ArrayView<float> mean,
        NormGeometry norm) {
        int part = i / norm.Lanes, channel = (i - part * norm.Lanes) * norm.Width, image = part / norm.Parts;
        int within = part - image * norm.Parts, first = within * norm.PartRows, rows = norm.RowsOf(within);
        int at = (image * norm.Rows + first) * norm.Channels + channel, cell = image * norm.Channels + channel;
        // Part by part, the totals of all images and channels: so the parts of each can be added one by one.
        int to = (within * 2 * norm.Images + image) * norm.Channels + channel, further = norm.Images * norm.Channels;
        if (norm.Vectors == 0) {
            float middle = mean[cell], sum = 0, product = 0;
            for (int row = 0; row < rows; row++, at += norm.Channels) {
                float slope = dy[at];
                sum += slope;
                product += slope * (x[at] - middle);
            }
            partial[to] = sum;
            partial[to + further] = product;
            return;
        }
        ArrayView<Float4> dy4 = dy.Cast<Float4>(), x4 = x.Cast<Float4>(), partial4 = partial.Cast<Float4>();
        Float4 middles = mean.Cast<Float4>()[cell >> 2], sums = default, products = default;
        for (int row = 0; row < rows; row++, at += norm.Channels) {
            Float4 slope = dy4[at >> 2];
            Float4.MultiplyAdd(ref sums, 1, slope);
            Float4.MultiplyAdd(ref products, slope, Float4.Affine(x4[at >> 2], middles, -1));
        }
        partial4[to >> 2] = sums;
        partial4[(to + further) >> 2] = products;
    }

    /// <summary>Four channels' gradients of weight and bias: the sums of all images, in order.</summary>
    internal static void NormParametersKernel(Index1D i, ArrayView<float> dWeight, ArrayView<float> dBias, ArrayView<float> totals,
        ArrayView<float> inverse, NormGeometry norm) {
        int c = 4 * i, count = norm.Channels - c;
        Float4 toWeight = default, toBias = default;
        for (int image = 0; image < norm.Images; image++) {
            int cell = image * norm.Channels + c;
            Float4.MultiplyAdd(ref toBias, 1, Float4.Load(totals, cell, count, norm.Vectors));
            Float4.MultiplyAdd(ref toWeight, Float4.Load(totals, norm.Images * norm.Channels + cell, count, norm.Vectors),
                Float4.Load(inverse, cell, count, norm.Vectors));
        }
        toWeight.Store(dWeight, c, count, 1);
        toBias.Store(dBias, c, count, 1);
    }

    /// <summary>What a group's statistics pass on: the factor of x - mean, and what is added to all.</summary>
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
            Float4.MultiplyAdd(ref products, weights, Float4.Load(totals, norm.Images * norm.Channels + cell + c, width - c, vectors));
        }
        slopes[2 * group] = -root * root * root * (products.X + products.Y + (products.Z + products.W)) * share;
        slopes[2 * group + 1] = -root * (sums.X + sums.Y + (sums.Z + sums.W)) * share;
    }

    /// <summary>dy·weight·inverse + (x - mean)·slope + shift for four neighbouring elements, or one.</summary>
    internal static void NormInputGradientKernel(Index1D i, ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> x,
        ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> slopes, ArrayView<float> weight, int hasSlopes, int hasWeight,
        NormGeometry norm) {
        int at = i * norm.Width, row = at / norm.Channels, c = at - row * norm.Channels, image = row / norm.Rows,
            cell = image * norm.Channels + c, width = norm.Channels / norm.Groups;
        if (norm.Vectors == 0) {
            float result = dy[at] * inverse[cell];
            if (hasWeight != 0) result *= weight[c];
            if (hasSlopes != 0) {
                int group = image * norm.Groups + c / width;
                result += (x[at] - mean[cell]) * slopes[2 * group] + slopes[2 * group + 1];
            }
            dx[at] = result;
            return;
        }
        Float4 results = Float4.Product(dy.Cast<Float4>()[at >> 2], inverse.Cast<Float4>()[cell >> 2]);
        if (hasWeight != 0) results = Float4.Product(results, weight.Cast<Float4>()[c >> 2]);
        if (hasSlopes != 0) {
            int groups = image * norm.Groups;
            Float4 apart = Float4.Affine(x.Cast<Float4>()[at >> 2], mean.Cast<Float4>()[cell >> 2], -1);
            int group = 2 * (groups + c / width);
            results.X += apart.X * slopes[group] + slopes[group + 1];
            if (width % 4 != 0) group = 2 * (groups + (c + 1) / width);
            results.Y += apart.Y * slopes[group] + slopes[group + 1];
            if (width % 4 != 0) group = 2 * (groups + (c + 2) / width);
            results.Z += apart.Z * slopes[group] + slopes[group + 1];
            if (width % 4 != 0) group = 2 * (groups + (c + 3) / width);
            results.W += apart.W * slopes[group] + slopes[group + 1];
        }
        dx.Cast<Float4>()[at >> 2] = results;
    }
}
