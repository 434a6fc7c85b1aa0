using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace DenseEngine.Ops;

/// <summary>Norms of rows on the processor. A row belongs to one thread; it is summed in vectors by blocks, the blocks in double precision.
/// The gradients of weight and bias are summed over blocks of rows, whose number depends on the shape alone, and then in order.</summary>
internal static unsafe class LayerNormHost {
    /// <summary>Elements of a row that are summed in single precision; elements of rows worth a thread; rows whose shares of the weights'
    /// gradients are summed together.</summary>
    private const int Block = 2048, Grain = 1 << 14, BlockRows = 64;

    /// <summary>Normalises the rows of x, and keeps each row's mean and 1/√(σ² + ε).</summary>
    public static void Forward(HostDevice host, Tensor y, Tensor mean, Tensor inverse, Tensor x, Tensor? weight, Tensor? bias, float eps) {
        if (x.Count == 0) return;
        int rows = mean.Count, width = x.Count / rows;
        float* from = x.Pointer, to = y.Pointer, means = mean.Pointer, roots = inverse.Pointer;
        float* weights = weight is null ? null : weight.Pointer, biases = bias is null ? null : bias.Pointer;
        host.Workers.ForRange(rows, Math.Max(1, Grain / width), (first, end) => {
            for (int row = first; row < end; row++) {
                float* line = from + (nint)row * width;
                float middle = (float)(Sum(line, width, 0, false) / width);
                // Sums around the rounded mean tell what rounding left of it.
                double left = Sum(line, width, middle, false) / width, variance = Sum(line, width, middle, true) / width - left * left;
                middle = (float)(middle + left);
                float root = (float)(1 / Math.Sqrt(Math.Max(0, variance) + eps));
                (means[row], roots[row]) = (middle, root);
                Normalise(to + (nint)row * width, line, weights, biases, width, middle, root);
            }
        });
    }

    /// <summary>All three gradients.</summary>
    public static void Backward(HostDevice host, Tensor dx, Tensor dWeight, Tensor dBias, Tensor dy, Tensor x, Tensor mean, Tensor inverse,
        Tensor? weight) {
        dWeight.Span.Clear();
        dBias.Span.Clear();
        if (x.Count == 0) return;
        int rows = mean.Count, width = x.Count / rows, blocks = (rows + BlockRows - 1) / BlockRows;
        float* from = x.Pointer, to = dx.Pointer, slope = dy.Pointer, means = mean.Pointer, roots = inverse.Pointer;
        float* weights = weight is null ? null : weight.Pointer, weightGradient = dWeight.Pointer, biasGradient = dBias.Pointer;
        using Tensor shares = Tensor.Zeros([blocks, 2, width], DType.Float32, host);
        float* share = shares.Pointer;
        host.Workers.ForRange(blocks, Math.Max(1, Grain / (width * BlockRows)), (first, end) => {
            for (int row = first * BlockRows; row < Math.Min(rows, end * BlockRows); row++) {
                nint at = (nint)row * width, block = (nint)(row / BlockRows) * 2 * width;
                float middle = means[row], root = roots[row];
                // Σ dy·w and Σ dy·w·x̂ of the row, then dx = (dy·w - their means, the second times x̂)/σ.
                float plain = (float)(Dot(slope + at, weights, null, width, 0) / width);
                float product = (float)(Dot(slope + at, weights, from + at, width, middle) * root / width);
                Differentiate(to + at, slope + at, from + at, weights, share + block, share + block + width, width, middle, root, plain,
                    product);
            }
        });
        host.Workers.ForRange(width, Math.Max(1, Grain / blocks), (first, end) => {
            for (int c = first; c < end; c++) {
                double toWeight = 0, toBias = 0;
                for (int block = 0; block < blocks; block++) {
                    toWeight += share[(nint)block * 2 * width + c];
                    toBias += share[((nint)block * 2 + 1) * width + c];
                }
                (weightGradient[c], biasGradient[c]) = ((float)toWeight, (float)toBias);
            }
        });
    }

    /// <summary>Σ (x - centre), or of its squares.</summary>
    private static double Sum(float* x, int count, float centre, bool squares) {
        double total = 0;
        for (int from = 0; from < count; from += Block) total += SumBlock(x + from, Math.Min(Block, count - from), centre, squares);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumBlock(float* x, int count, float centre, bool squares) {
        V middle = Vector512.Create(centre), a = V.Zero, b = V.Zero;
        int i = 0;
        float sum = 0;
        if (squares) {
            for (; i <= count - 2 * V.Count; i += 2 * V.Count) {
                V c = Vector512.Load(x + i) - middle, d = Vector512.Load(x + i + V.Count) - middle;
                a += c * c;
                b += d * d;
            }
            for (; i < count; i++) sum += (x[i] - centre) * (x[i] - centre);
        } else {
            for (; i <= count - 2 * V.Count; i += 2 * V.Count) {
                a += Vector512.Load(x + i) - middle;
                b += Vector512.Load(x + i + V.Count) - middle;
            }
            for (; i < count; i++) sum += x[i] - centre;
        }
        return sum + Vector512.Sum(a + b);
    }

    /// <summary>Σ dy·weight, or Σ dy·weight·(x - centre) where x is given.</summary>
    private static double Dot(float* dy, float* weight, float* x, int count, float centre) {
        double total = 0;
        for (int from = 0; from < count; from += Block)
            total += DotBlock(dy + from, weight == null ? null : weight + from, x == null ? null : x + from, Math.Min(Block, count - from),
                centre);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float DotBlock(float* dy, float* weight, float* x, int count, float centre) {
        V middle = Vector512.Create(centre), sums = V.Zero;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) {
            V term = Vector512.Load(dy + i);
            if (weight != null) term *= Vector512.Load(weight + i);
            if (x != null) term *= Vector512.Load(x + i) - middle;
            sums += term;
        }
        float sum = Vector512.Sum(sums);
        for (; i < count; i++) sum += dy[i] * (weight == null ? 1 : weight[i]) * (x == null ? 1 : x[i] - centre);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise(float* y, float* x, float* weight, float* bias, int count, float mean, float root) {
        V middle = Vector512.Create(mean), scale = Vector512.Create(root);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) {
            V value = (Vector512.Load(x + i) - middle) * scale;
            if (weight != null) value *= Vector512.Load(weight + i);
            if (bias != null) value += Vector512.Load(bias + i);
            value.Store(y + i);
        }
        for (; i < count; i++) y[i] = (x[i] - mean) * root * (weight == null ? 1 : weight[i]) + (bias == null ? 0 : bias[i]);
    }

    /// <summary>The input's gradient, and the row's share of the weight's and the bias's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* dx, float* dy, float* x, float* weight, float* weightShare, float* biasShare, int count,
        float mean, float root, float plain, float product) {
        V middle = Vector512.Create(mean), scale = Vector512.Create(root), constant = Vector512.Create(plain),
            slope = Vector512.Create(product);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) {
            V g = Vector512.Load(dy + i), normal = (Vector512.Load(x + i) - middle) * scale;
            (Vector512.Load(weightShare + i) + g * normal).Store(weightShare + i);
            (Vector512.Load(biasShare + i) + g).Store(biasShare + i);
            if (weight != null) g *= Vector512.Load(weight + i);
            ((g - constant - normal * slope) * scale).Store(dx + i);
        }
        for (; i < count; i++) {
            float g = dy[i], normal = (x[i] - mean) * root;
            weightShare[i] += g * normal;
            biasShare[i] += g;
            dx[i] = (g * (weight == null ? 1 : weight[i]) - plain - normal * product) * root;
        }
    }
}
