using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What moves elements, at sizes where tiles and threads come into play, against plain loops; integers too.</summary>
public class ShapingTests {
    [Theory]
    [InlineData("2 37 53 19", "0 3 1 2")]
    [InlineData("2 19 37 53", "0 2 3 1")]
    [InlineData("301 203", "1 0")]
    [InlineData("8 8", "1 0")]
    [InlineData("3 70 1 9", "3 2 1 0")]
    [InlineData("5 6 7 8", "2 0 3 1")]
    [InlineData("4 3 5 2 6 7", "5 3 1 0 4 2")]
    [InlineData("40 3 50", "2 1 0")]
    [InlineData("6 1000 4", "1 0 2")]
    public void Permute_moves_each_element_to_its_place(string sizes, string axes) {
        Shape shape = new([.. sizes.Split(' ').Select(int.Parse)]);
        int[] order = [.. axes.Split(' ').Select(int.Parse)], numbers = [.. Enumerable.Range(0, shape.Count)];
        using var scope = new TensorScope();
        Tensor y = Op.Permute(Tensor.From(numbers, shape), order),
            f = Op.Permute(Tensor.From([.. numbers.Select(n => (float)n)], shape), order);
        int[] expected = new int[shape.Count];
        for (int i = 0; i < expected.Length; i++)
            for (int axis = 0; axis < order.Length; axis++)
                expected[i] += i / y.Shape.Stride(axis) % y.Shape[axis] * shape.Stride(order[axis]);
        Assert.Equal(expected, y.ToIntArray());
        Assert.Equal([.. expected.Select(n => (float)n)], f.ToArray());
    }

    [Theory]
    [InlineData(1, 70_000, 1, 1000, 50)]
    [InlineData(1, 100_000, 1, 9, 1_000_000)]
    [InlineData(7, 513, 1, 20, 30)]
    [InlineData(3, 900, 5, 9, 4)]
    [InlineData(2, 40, 1, 40, 6)]
    [InlineData(2, 5000, 1, 1025, 300)]
    [InlineData(1, 2050, 2, 1024, 3000)]
    public void The_best_k_are_those_of_a_stable_sort(int outer, int size, int inner, int k, int values) {
        var random = new Philox(4);
        float[] x = [.. Enumerable.Range(0, outer * size * inner).Select(_ => (float)(random.Next(values) - values / 2))];
        x[size / 2] = float.NaN;
        x[size / 3] = float.NegativeInfinity;
        x[^1] = float.PositiveInfinity;
        for (int i = 0; i < x.Length; i += 3) if (x[i] == 0) x[i] = -0f;   // equal to 0
        foreach (bool largest in (bool[])[true, false]) BestAreThoseOfAStableSort(HostDevice.Default, x, outer, size, inner, k, largest);
        foreach (GpuCase place in GpuCase.All.Where(place => place.Takes(10 * x.Length))) {   // a key is touched a hundred times
            using GpuDevice gpu = place.Open();
            foreach (bool largest in (bool[])[true, false]) BestAreThoseOfAStableSort(gpu, x, outer, size, inner, k, largest);
        }
    }

    private static void BestAreThoseOfAStableSort(Device device, float[] x, int outer, int size, int inner, int k, bool largest) {
        using var scope = new TensorScope();
        (Tensor found, Tensor indices) = Op.TopK(Tensor.From(x, [outer, size, inner], device), k, 1, largest);
        Assert.Equal([outer, k, inner], found.Shape);
        int[] actual = indices.ToIntArray();
        float[] actualValues = found.ToArray();
        for (int line = 0; line < outer * inner; line++) {
            (int o, int i) = Math.DivRem(line, inner);
            float At(int index) => x[(o * size + index) * inner + i];
            float Rank(int index) => float.IsNaN(At(index)) ? float.PositiveInfinity : At(index);
            IEnumerable<int> all = Enumerable.Range(0, size);
            int[] expected = [.. (largest
                ? all.OrderByDescending(Rank).ThenByDescending(index => float.IsNaN(At(index)))
                : all.OrderBy(Rank).ThenBy(index => float.IsNaN(At(index)))).Take(k)];
            for (int rank = 0; rank < k; rank++) {
                Assert.Equal(expected[rank], actual[(o * k + rank) * inner + i]);
                Assert.Equal(At(expected[rank]), actualValues[(o * k + rank) * inner + i]);
            }
        }
    }

    [Fact]
    public void Integers_move_like_numbers() {
        IntegersMove(HostDevice.Default);
        foreach (GpuCase place in GpuCase.All) {
            using GpuDevice gpu = place.Open();
            IntegersMove(gpu);
        }
    }

    private static void IntegersMove(Device device) {
        using var scope = new TensorScope();
        // As a float, the last one is a NaN whose first bit calculations would set.
        Tensor x = Tensor.From([1, 2, 3, 4, 5, 0x7f800006], [2, 3], device);
        Assert.Equal([1, 2, 3, 4, 5, 0x7f800006], Op.Reshape(x, 3, 2).ToIntArray());
        Assert.Equal([1, 4, 2, 5, 3, 0x7f800006], Op.Permute(x, 1, 0).ToIntArray());
        Assert.Equal([2, 3, 5, 0x7f800006], Op.Slice(x, 1, 1, 3).ToIntArray());
        Assert.Equal([1, 2, 3, 4, 5, 0x7f800006, 1, 2, 3, 4, 5, 0x7f800006], Op.Concat([x, x], 0).ToIntArray());
        Assert.Equal([7, 1, 2, 3, 7, 4, 5, 0x7f800006], Op.Pad(x, [0, 1], [0, 0], 7).ToIntArray());
        Assert.Equal([3, 1, 0x7f800006, 4], Op.IndexSelect(x, Tensor.From([2, 0], [2], device), 1).ToIntArray());
        Assert.Equal([3, 0x7f800006], Op.Gather(x, Tensor.From([2, 2], [2, 1], device), 1).ToIntArray());
    }
}
