using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Ops;

/// <summary>Products of a matrix and a vector: as fast as the matrix can be read, so it is not packed.</summary>
internal static unsafe class GemmVector {
    private const int Lanes = 16;

    /// <summary>Numbers of the matrix that a work item reads at least.</summary>
    private const int WorthSharing = 1 << 16;

    /// <summary>Adds to each of <paramref name="count"/> results the product of a row and the vector.</summary>
    /// <param name="host">Whose workers share the work.</param>
    /// <param name="rows">The matrix, [count, length].</param>
    /// <param name="count">Its rows.</param>
    /// <param name="length">Numbers of a row, and of the vector.</param>
    /// <param name="vector">The vector.</param>
    /// <param name="results">Where the products are added.</param>
    public static void Dots(HostDevice host, float* rows, int count, int length, float* vector, float* results) =>
        host.Workers.ForRange(count, Math.Max(1, WorthSharing / Math.Max(1, length)), (from, until) => {
            for (int i = from; i < until; i++) results[i] += Dot(rows + (nint)i * length, vector, length);
        });

    /// <summary>Adds to <paramref name="width"/> results the sum of the rows, each by its number of the vector.</summary>
    /// <param name="host">Whose workers share the work.</param>
    /// <param name="rows">The matrix, [count, width].</param>
    /// <param name="count">Its rows, and the vector's numbers.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="vector">The vector.</param>
    /// <param name="results">Where the sum is added.</param>
    public static void Combine(HostDevice host, float* rows, int count, int width, float* vector, float* results) {
        int grain = Math.Max(4 * Lanes, Gemm.Align(WorthSharing / Math.Max(1, count)));
        host.Workers.ForRange(width, grain, (from, until) => {
            int column = from;
            for (; column + 4 * Lanes <= until; column += 4 * Lanes) Four(rows + column, count, width, vector, results + column);
            for (; column + Lanes <= until; column += Lanes) One(rows + column, count, width, vector, results + column);
            for (; column < until; column++) {
                float sum = results[column];
                for (int i = 0; i < count; i++) sum += vector[i] * rows[(nint)i * width + column];
                results[column] = sum;
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* row, float* vector, int length) {
        Vector512<float> a = Vector512<float>.Zero, b = a, c = a, d = a;
        int i = 0;
        for (; i + 4 * Lanes <= length; i += 4 * Lanes) {
            a = Vector512.MultiplyAddEstimate(Vector512.Load(row + i), Vector512.Load(vector + i), a);
            b = Vector512.MultiplyAddEstimate(Vector512.Load(row + i + Lanes), Vector512.Load(vector + i + Lanes), b);
            c = Vector512.MultiplyAddEstimate(Vector512.Load(row + i + 2 * Lanes), Vector512.Load(vector + i + 2 * Lanes), c);
            d = Vector512.MultiplyAddEstimate(Vector512.Load(row + i + 3 * Lanes), Vector512.Load(vector + i + 3 * Lanes), d);
        }
        for (; i + Lanes <= length; i += Lanes)
            a = Vector512.MultiplyAddEstimate(Vector512.Load(row + i), Vector512.Load(vector + i), a);
        float sum = Vector512.Sum(a + b + (c + d));
        for (; i < length; i++) sum += row[i] * vector[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* rows, int count, int width, float* vector, float* results) {
        Vector512<float> a = Vector512.Load(results), b = Vector512.Load(results + Lanes), c = Vector512.Load(results + 2 * Lanes),
            d = Vector512.Load(results + 3 * Lanes);
        for (int i = 0; i < count; i++, rows += width) {
            Vector512<float> x = Vector512.Create(vector[i]);
            a = Vector512.MultiplyAddEstimate(x, Vector512.Load(rows), a);
            b = Vector512.MultiplyAddEstimate(x, Vector512.Load(rows + Lanes), b);
            c = Vector512.MultiplyAddEstimate(x, Vector512.Load(rows + 2 * Lanes), c);
            d = Vector512.MultiplyAddEstimate(x, Vector512.Load(rows + 3 * Lanes), d);
        }
        a.Store(results);
        b.Store(results + Lanes);
        c.Store(results + 2 * Lanes);
        d.Store(results + 3 * Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* rows, int count, int width, float* vector, float* results) {
        Vector512<float> sum = Vector512.Load(results);
        for (int i = 0; i < count; i++, rows += width)
            sum = Vector512.MultiplyAddEstimate(Vector512.Create(vector[i]), Vector512.Load(rows), sum);
        sum.Store(results);
    }
}
