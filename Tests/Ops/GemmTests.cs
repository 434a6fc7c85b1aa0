using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The packed product in every inner loop of this machine, at sizes around the tiles' edges, against float64 sums.</summary>
public sealed unsafe class GemmTests {
    private static readonly int[][] Sizes = [
        [1, 1, 1], [14, 32, 16], [15, 33, 17], [13, 31, 15], [6, 16, 2], [29, 47, 130], [84, 48, 144], [200, 1, 40], [1, 200, 40],
        [100, 80, 1025], [3, 300, 2100], [97, 16, 0], [169, 68, 432], [260, 3, 9], [1, 133, 70], [133, 1, 70], [1, 1, 0],
    ];

    public static TheoryData<string, int, bool, bool> Rows() {
        var rows = new TheoryData<string, int, bool, bool>();
        foreach (GemmKernel kernel in GemmKernel.Supported)
            for (int size = 0; size < Sizes.Length; size++)
                for (int sides = 0; sides < 4; sides++) rows.Add(kernel.Name, size, (sides & 1) != 0, (sides & 2) != 0);
        return rows;
    }

    /// <summary>As operations call it: vectors take a way of their own.</summary>
    [Theory, MemberData(nameof(Chosen))]
    public void Product_as_chosen_agrees_with_float64(int size, bool transposeA, bool transposeB) =>
        Check(null, size, transposeA, transposeB);

    public static TheoryData<int, bool, bool> Chosen() {
        var rows = new TheoryData<int, bool, bool>();
        for (int size = 0; size < Sizes.Length; size++)
            for (int sides = 0; sides < 4; sides++) rows.Add(size, (sides & 1) != 0, (sides & 2) != 0);
        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public void Product_agrees_with_float64(string kernelName, int size, bool transposeA, bool transposeB) =>
        Check(GemmKernel.Supported.Single(k => k.Name == kernelName), size, transposeA, transposeB);

    private static void Check(GemmKernel? kernel, int size, bool transposeA, bool transposeB) {
        (int m, int n, int k) = (Sizes[size][0], Sizes[size][1], Sizes[size][2]);
        float[] a = Random(m * k, 1), b = Random(k * n, 2), bias = Random(n, 3), start = Random(m * n, 4), biased = new float[m * n + 1],
            added = [.. start, 77];
        biased[^1] = 77;
        fixed (float* pa = a, pb = b, pBias = bias, pBiased = biased, pAdded = added) {
            Matrices.Product(HostDevice.Default, m, n, k, pa, transposeA, pb, transposeB, pBias, false, pBiased, kernel);
            Matrices.Product(HostDevice.Default, m, n, k, pa, transposeA, pb, transposeB, null, true, pAdded, kernel);
        }
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0, terms = 3;
                for (int q = 0; q < k; q++) {
                    double term = (double)(transposeA ? a[q * m + i] : a[i * k + q]) * (transposeB ? b[j * k + q] : b[q * n + j]);
                    sum += term;
                    terms += Math.Abs(term);
                }
                Assert.True(Math.Abs(biased[i * n + j] - (sum + bias[j])) <= 1e-6 * terms,
                    $"[{i}, {j}] is {biased[i * n + j]}, not {sum + bias[j]}.");
                Assert.True(Math.Abs(added[i * n + j] - (sum + start[i * n + j])) <= 1e-6 * terms,
                    $"[{i}, {j}] is {added[i * n + j]}, not {sum + start[i * n + j]}.");
            }
        }
        Assert.Equal(77, biased[^1]);   // nothing is written past the end
        Assert.Equal(77, added[^1]);
    }

    [Theory, MemberData(nameof(Rows))]
    public void Outer_product_agrees_with_float64(string kernelName, int size, bool bySum, bool narrow) {
        GemmKernel kernel = GemmKernel.Supported.Single(k => k.Name == kernelName);
        (int height, int width, int m) = (narrow ? 16 : Sizes[size][0], Sizes[size][1], Sizes[size][2]);
        float[] left = Random(m * height, 1), right = Random(m * width, 2), result = new float[height * width + 1], sums = new float[width];
        result[^1] = 77;
        fixed (float* pl = left, pr = right, p = result, ps = sums) {
            GemmOuter.Run(HostDevice.Default, kernel, pl, height, height, new MatrixRows(pr, width), width, m, p);
            if (bySum) GemmOuter.SumRows(HostDevice.Default, pr, m, width, ps);
        }
        for (int j = 0; j < width; j++) {
            for (int i = 0; i < height; i++) {
                double sum = 0, terms = 0;
                for (int q = 0; q < m; q++) {
                    double term = (double)left[q * height + i] * right[q * width + j];
                    sum += term;
                    terms += Math.Abs(term);
                }
                Assert.True(Math.Abs(result[i * width + j] - sum) <= 1e-6 * terms, $"[{i}, {j}] is {result[i * width + j]}, not {sum}.");
            }
            if (!bySum) continue;
            double column = 0, size1 = 0;
            for (int q = 0; q < m; q++) {
                column += right[q * width + j];
                size1 += Math.Abs(right[q * width + j]);
            }
            Assert.True(Math.Abs(sums[j] - column) <= 1e-6 * size1, $"sum {j} is {sums[j]}, not {column}.");
        }
        Assert.Equal(77, result[^1]);
    }

    /// <summary>So many results that they go past the caches, with all that may follow a product; 13 rows are left over.</summary>
    [Theory, MemberData(nameof(Kernels))]
    public void Large_results_agree_with_float64(string kernelName) {
        GemmKernel kernel = GemmKernel.Supported.Single(k => k.Name == kernelName);
        const int M = 14 * 6000 + 13, N = 64, K = 5;
        using Tensor a = Filled(M * K, 1), b = Filled(K * N, 2), bias = Filled(N, 3), added = Filled(M * N, 4),
            y = new(HostDevice.Default, [M, N]);
        using GemmColumns columns = new GemmColumns(HostDevice.Default, kernel, K, N).FromRows(b.Pointer, N, 0, K);
        Gemm.Run(HostDevice.Default, new MatrixRows(a.Pointer, K), M, columns, bias.Pointer, false,
            new GemmOutput(y.Pointer, N, GemmEnding.Of(y.Pointer, added.Pointer, true)));
        double worst = 0;
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) {
                double sum = bias.Pointer[j] + (double)added.Pointer[i * N + j];
                for (int q = 0; q < K; q++) sum += (double)a.Pointer[i * K + q] * b.Pointer[q * N + j];
                worst = Math.Max(worst, Math.Abs(y.Pointer[i * N + j] - Math.Max(0, sum)));
            }
        }
        Assert.InRange(worst, 0, 2e-6);
    }

    /// <summary>The error that the notes on numbers state, at the longest sum of a ResNet's convolutions.</summary>
    [Theory, MemberData(nameof(Kernels))]
    public void Error_is_as_stated(string kernelName) {
        GemmKernel kernel = GemmKernel.Supported.Single(k => k.Name == kernelName);
        const int M = 60, N = 48, K = 4608;
        using Tensor a = Filled(M * K, 1), b = Filled(K * N, 2), y = new(HostDevice.Default, [M, N]);
        for (int i = 0; i < M * K; i++) a.Pointer[i] = Math.Max(0, a.Pointer[i]);   // as after a ReLU
        Matrices.Product(HostDevice.Default, M, N, K, a.Pointer, false, b.Pointer, false, null, false, y.Pointer, kernel);
        double worst = 0, largest = 0;
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int q = 0; q < K; q++) sum += (double)a.Pointer[i * K + q] * b.Pointer[q * N + j];
                worst = Math.Max(worst, Math.Abs(y.Pointer[i * N + j] - sum));
                largest = Math.Max(largest, Math.Abs(sum));
            }
        }
        Assert.True(worst <= 2e-6 * largest, $"{worst / largest:e2} of the largest result.");
    }

    public static TheoryData<string> Kernels() => [.. GemmKernel.Supported.Select(kernel => kernel.Name)];

    private static Tensor Filled(int count, int seed) {
        var tensor = new Tensor(HostDevice.Default, [count]);
        Random(count, seed).AsSpan().CopyTo(new Span<float>(tensor.Pointer, count));
        return tensor;
    }

    private static float[] Random(int count, int seed) {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
