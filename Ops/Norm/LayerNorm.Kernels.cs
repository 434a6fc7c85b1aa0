using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Threads that share a row; rows whose shares of the parameters' gradients a thread adds up.</summary>
    internal const int LayerThreads = 128, LayerPart = 64;

    private static void LayerNormGpu(GpuDevice gpu, Tensor y, Tensor mean, Tensor inverse, Tensor x, Tensor? weight, Tensor? bias,
        float eps) {
        if (x.Count == 0) return;
        gpu.Kernel(LayerNormKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, int, int, int, float>(LayerNormKernel))
            ((mean.Count, LayerThreads), gpu.Floats(y), gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(x),
            weight is null ? default : gpu.Floats(weight), bias is null ? default : gpu.Floats(bias), weight is null ? 0 : 1,
            bias is null ? 0 : 1, x.Count / mean.Count, eps);
    }

    private static void LayerNormGradientGpu(GpuDevice gpu, Tensor dx, Tensor dWeight, Tensor dBias, Tensor dy, Tensor x, Tensor mean,
        Tensor inverse, Tensor? weight) {
        if (x.Count == 0) {
            gpu.Fill(dWeight, 0);
            gpu.Fill(dBias, 0);
            return;
        }
        int rows = mean.Count, width = x.Count / rows, parts = (rows + LayerPart - 1) / LayerPart;
        gpu.Kernel(LayerNormGradientKernel, a => a.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int>(LayerNormGradientKernel))
            ((rows, LayerThreads), gpu.Floats(dx), gpu.Floats(dy), gpu.Floats(x), gpu.Floats(mean), gpu.Floats(inverse),
            weight is null ? default : gpu.Floats(weight), weight is null ? 0 : 1, width);
        using Tensor toWeight = new(gpu, [parts * width]), toBias = new(gpu, [parts * width]);
        gpu.Kernel(LayerNormParametersKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int>(LayerNormParametersKernel))
            (width % 4 == 0 ? parts * width / 4 : parts * width, gpu.Floats(toWeight), gpu.Floats(toBias), gpu.Floats(dy), gpu.Floats(x),
                gpu.Floats(mean),
            gpu.Floats(inverse), rows, width, width % 4 == 0 ? 4 : 1);
        SumPartsGpu(gpu, dWeight, toWeight, parts, width);
        SumPartsGpu(gpu, dBias, toBias, parts, width);
    }

    /// <summary>A row: each thread measures its elements around the first of them; a tree merges them by Chan's rule, the means as
    /// distances from the row's first element, so that a mean far from zero costs no digits; then the row is normalised.</summary>
    internal static void LayerNormKernel(ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> x,
        ArrayView<float> weight, ArrayView<float> bias, int hasWeight, int hasBias, int width, float eps) {
        ArrayView<float> counts = SharedMemory.Allocate<float>(LayerThreads), means = SharedMemory.Allocate<float>(LayerThreads),
            squares = SharedMemory.Allocate<float>(LayerThreads);
        int thread = Group.IdxX, row = Grid.IdxX, start = row * width;
        ArrayView<Float4> x4 = x.Cast<Float4>(), y4 = y.Cast<Float4>(), weight4 = weight.Cast<Float4>(), bias4 = bias.Cast<Float4>();
        int firstPlace = width % 4 == 0 ? 4 * thread : thread;
        float count = 0, reference = x[start], origin = reference, sum = 0, power = 0;
        if (firstPlace < width) origin = x[start + firstPlace];
        if (width % 4 == 0) {
            for (int i = thread * 4; i < width; i += 4 * LayerThreads) {
                Float4 v = x4[(start + i) >> 2];
                float a = v.X - origin, b = v.Y - origin, c = v.Z - origin, d = v.W - origin;
                sum += a + b + (c + d);
                power += a * a + b * b + (c * c + d * d);
                count += 4;
            }
        } else {
            for (int i = thread; i < width; i += LayerThreads) {
                float a = x[start + i] - origin;
                sum += a;
                power += a * a;
                count++;
            }
        }
        float share = count > 0 ? sum / count : 0;
        counts[thread] = count;
        means[thread] = origin - reference + share;
        squares[thread] = power - sum * share;
        Group.Barrier();
        for (int half = LayerThreads / 2; half > 0; half /= 2) {
            if (thread < half) {
                float other = counts[thread + half], all = counts[thread] + other, apart = means[thread + half] - means[thread];
                float towards = all > 0 ? other / all : 0;
                squares[thread] += squares[thread + half] + apart * apart * towards * counts[thread];
                means[thread] += apart * towards;
                counts[thread] = all;
            }
            Group.Barrier();
        }
        float middle = reference + means[0], variance = squares[0] / width, root = 1 / MathF.Sqrt((variance > 0 ? variance : 0) + eps);
        if (thread == 0) {
            mean[row] = middle;
            inverse[row] = root;
        }
        if (width % 4 == 0) {
            for (int i = thread * 4; i < width; i += 4 * LayerThreads) {
                Float4 v = x4[(start + i) >> 2], shift = default;
                v.X = (v.X - middle) * root;
                v.Y = (v.Y - middle) * root;
                v.Z = (v.Z - middle) * root;
                v.W = (v.W - middle) * root;
                if (hasWeight != 0) v = Float4.Product(v, weight4[i >> 2]);
                if (hasBias != 0) shift = bias4[i >> 2];
                y4[(start + i) >> 2] = Float4.Affine(v, shift, 1);
            }
        } else {
            for (int i = thread; i < width; i += LayerThreads) {
                float v = (x[start + i] - middle) * root;
                if (hasWeight != 0) v *= weight[i];
                if (hasBias != 0) v += bias[i];
                y[start + i] = v;
            }
        }
    }

    /// <summary>The input's gradient of a row: Σ dy·w and Σ dy·w·x̂ in a tree, then (dy·w - their means, the second times x̂)/σ.</summary>
    internal static void LayerNormGradientKernel(ArrayView<float> dx, ArrayView<float> dy, ArrayView<float> x, ArrayView<float> mean,
        ArrayView<float> inverse, ArrayView<float> weight, int hasWeight, int width) {
        ArrayView<float> sums = SharedMemory.Allocate<float>(LayerThreads), products = SharedMemory.Allocate<float>(LayerThreads);
        int thread = Group.IdxX, start = Grid.IdxX * width;
        float middle = mean[Grid.IdxX], root = inverse[Grid.IdxX], sum = 0, product = 0;
        ArrayView<Float4> x4 = x.Cast<Float4>(), dy4 = dy.Cast<Float4>(), dx4 = dx.Cast<Float4>(), weight4 = weight.Cast<Float4>();
        if (width % 4 == 0) {
            for (int i = thread * 4; i < width; i += 4 * LayerThreads) {
                Float4 v = x4[(start + i) >> 2], slope = dy4[(start + i) >> 2];
                if (hasWeight != 0) slope = Float4.Product(slope, weight4[i >> 2]);
                sum += slope.X + slope.Y + (slope.Z + slope.W);
                product += slope.X * (v.X - middle) + slope.Y * (v.Y - middle);
                product += slope.Z * (v.Z - middle) + slope.W * (v.W - middle);
            }
        } else {
            for (int i = thread; i < width; i += LayerThreads) {
                float slope = dy[start + i];
                if (hasWeight != 0) slope *= weight[i];
                sum += slope;
                product += slope * (x[start + i] - middle);
            }
        }
        sums[thread] = sum;
        products[thread] = product;
        Group.Barrier();
        for (int half = LayerThreads / 2; half > 0; half /= 2) {
            if (thread < half) {
                sums[thread] += sums[thread + half];
                products[thread] += products[thread + half];
            }
            Group.Barrier();
        }
        float plain = sums[0] / width, bend = products[0] / width * root * root;
        if (width % 4 == 0) {
            for (int i = thread * 4; i < width; i += 4 * LayerThreads) {
                Float4 v = x4[(start + i) >> 2], slope = dy4[(start + i) >> 2];
                if (hasWeight != 0) slope = Float4.Product(slope, weight4[i >> 2]);
                slope.X = (slope.X - plain - (v.X - middle) * bend) * root;
                slope.Y = (slope.Y - plain - (v.Y - middle) * bend) * root;
                slope.Z = (slope.Z - plain - (v.Z - middle) * bend) * root;
                slope.W = (slope.W - plain - (v.W - middle) * bend) * root;
                dx4[(start + i) >> 2] = slope;
            }
        } else {
            for (int i = thread; i < width; i += LayerThreads) {
                float slope = dy[start + i];
                if (hasWeight != 0) slope *= weight[i];
                dx[start + i] = (slope - plain - (x[start + i] - middle) * bend) * root;
            }
        }
    }

    /// <summary>Some rows' shares of the gradients of weight and bias, of four columns or one.</summary>
    internal static void LayerNormParametersKernel(Index1D i, ArrayView<float> toWeight, ArrayView<float> toBias, ArrayView<float> dy,
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverse, int rows, int width, int lanes) {
        int columns = width / lanes, part = i / columns, column = (i - part * columns) * lanes;
        int end = Math.Min((part + 1) * LayerPart, rows), at = part * LayerPart * width + column;
        if (lanes == 1) {
            float product = 0, sum = 0;
            for (int row = part * LayerPart; row < end; row++, at += width) {
                float slope = dy[at];
                sum += slope;
                product += slope * (x[at] - mean[row]) * inverse[row];
            }
            toWeight[i] = product;
            toBias[i] = sum;
            return;
        }
        ArrayView<Float4> dy4 = dy.Cast<Float4>(), x4 = x.Cast<Float4>();
        Float4 products = default, sums = default;
        for (int row = part * LayerPart; row < end; row++, at += width) {
            Float4 slope = dy4[at >> 2], normal = Float4.Difference(x4[at >> 2], Float4.Splat(mean[row]));
            Float4.MultiplyAdd(ref sums, 1, slope);
            Float4.MultiplyAdd(ref products, inverse[row], Float4.Product(slope, normal));
        }
        toWeight.Cast<Float4>()[i] = products;
        toBias.Cast<Float4>()[i] = sums;
    }
}
