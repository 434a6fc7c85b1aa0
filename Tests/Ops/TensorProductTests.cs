using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Products and convolutions below single precision, against float64 of factors that are rounded likewise.</summary>
public class TensorProductTests {
    /// <summary>Everywhere but on OpenCL devices, which have no such products, and on ILGPU's own processor, which is slow and has the
    /// samples.</summary>
    public static TheoryData<Precision, TensorTileKindName, string> Places() {
        var data = new TheoryData<Precision, TensorTileKindName, string>();
        foreach (GpuCase place in GpuCase.All.Where(place => place.Name != "ilgpu-cpu" && !IsOpenCL(place)))
            foreach (Precision precision in new[] { Precision.TensorFloat32, Precision.BFloat16 })
                foreach (TensorTileKindName tile in Enum.GetValues<TensorTileKindName>()) data.Add(precision, tile, place.ToString());
        return data;
    }

    /// <summary>As <see cref="TensorTileKind"/>, which is internal.</summary>
    public enum TensorTileKindName { Any, Of64x64, Of128x128, Of128x256 }

    [Theory]
    [MemberData(nameof(Places))]
    public void Products_are_of_rounded_factors(Precision precision, TensorTileKindName tile, string place) {
        using GpuDevice gpu = Open(precision, place);
        using IDisposable forced = TileChoice<TensorTileKind>.Force(Enum.Parse<TensorTileKind>(tile.ToString()), 2);
        Product(gpu, 1, 132, 72, 260, false, false);
        Product(gpu, 1, 36, 260, 68, false, true);
        Product(gpu, 2, 68, 36, 44, true, false);
        Product(gpu, 2, 9, 21, 35, true, true);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Convolutions_are_of_rounded_factors(Precision precision, TensorTileKindName tile, string place) {
        using GpuDevice gpu = Open(precision, place);
        using IDisposable forced = TileChoice<TensorTileKind>.Force(Enum.Parse<TensorTileKind>(tile.ToString()), 2);
        Convolution(gpu, [2, 9, 11, 8], [68, 3, 3, 8], 1, 1, 1);
        Convolution(gpu, [1, 8, 7, 4], [12, 3, 3, 4], 2, 1, 1);
        Convolution(gpu, [1, 6, 7, 5], [7, 3, 3, 5], 2, 0, 1);
        Convolution(gpu, [1, 6, 6, 32], [16, 1, 1, 16], 1, 0, 2);
    }

    /// <summary>What overflows to infinity in rounding, infinities and NaN.</summary>
    [Theory]
    [MemberData(nameof(Places))]
    public void Extremes_stay_extreme(Precision precision, TensorTileKindName tile, string place) {
        using GpuDevice gpu = Open(precision, place);
        using IDisposable forced = TileChoice<TensorTileKind>.Force(Enum.Parse<TensorTileKind>(tile.ToString()), 2);
        float negative = BitConverter.UInt32BitsToSingle(0xFFFFFFFF), positive = BitConverter.UInt32BitsToSingle(0x7FFFFFFF);
        float[] values = [float.MaxValue, -float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, positive, negative, 0, -1.5f];
        float[] y = Op.MatMul(Tensor.From(values, [8, 1], gpu), Tensor.Full([1, 4], 1, gpu)).ToArray();
        float[] expected = [float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
            float.NaN, 0, -1.5f];
        Assert.Equal(expected.SelectMany(value => Enumerable.Repeat(value, 4)), y);
    }

    [Fact]
    public void Single_precision_is_the_default_and_another_must_be_asked_for() {
        foreach (GpuCase place in GpuCase.All.Where(place => place.Name != "ilgpu-cpu")) {
            using GpuDevice gpu = place.Open();
            var random = new Philox(3);
            Tensor a = Draws.Normal(40, 60)(random, gpu), b = Draws.Normal(60, 24)(random, gpu);
            float[] usual = Op.MatMul(a, b).ToArray();
            Assert.Equal(Precision.Float32, gpu.Precision);
            if (IsOpenCL(place)) {
                Assert.False(gpu.Supports(Precision.BFloat16));
                Assert.Contains("compute capability 8.0", Assert.Throws<DeviceException>(
                    () => gpu.Precision = Precision.TensorFloat32).Message, StringComparison.Ordinal);
                continue;
            }
            double size = usual.Max(Math.Abs), last = 0;
            (Precision, double)[] units = [(Precision.TensorFloat32, 1.0 / 2048), (Precision.BFloat16, 1.0 / 256)];
            foreach ((Precision precision, double unit) in units) {
                gpu.Precision = precision;
                double error = usual.Zip(Op.MatMul(a, b).ToArray(), (x, y) => Math.Abs(x - y)).Max() / size;
                Assert.InRange(error, Math.Max(last, unit / 20), 2 * unit);
                last = error;
            }
            gpu.Precision = Precision.Float32;
            Assert.Equal(usual, Op.MatMul(a, b).ToArray());
        }
    }

    private static bool IsOpenCL(GpuCase place) => place.Name.StartsWith("opencl", StringComparison.Ordinal);

    private static GpuDevice Open(Precision precision, string place) {
        GpuDevice gpu = GpuCase.Open(place)!;
        gpu.Precision = precision;
        return gpu;
    }

    private static void Product(GpuDevice gpu, int batches, int m, int k, int n, bool transposeA, bool transposeB) {
        var random = new Philox(7);
        Tensor a = Draws.Normal(transposeA ? [batches, k, m] : [batches, m, k])(random, gpu);
        Tensor b = Draws.Normal(transposeB ? [batches, n, k] : [batches, k, n])(random, gpu);
        Tensor dy = Draws.Normal(batches, m, n)(random, gpu);
        (a.RequiresGrad, b.RequiresGrad) = (true, true);
        Tensor y = Op.MatMul(a, b, transposeA, transposeB);
        y.Backward(dy);
        double[] left = Rounded(gpu, a), right = Rounded(gpu, b), slope = Rounded(gpu, dy);
        double A(int batch, int i, int j) => left[batch * m * k + (transposeA ? j * m + i : i * k + j)];
        double B(int batch, int i, int j) => right[batch * k * n + (transposeB ? j * k + i : i * n + j)];
        double Y(int batch, int i, int j) => slope[(batch * m + i) * n + j];
        Close(y, at => (at / (m * n), at / n % m, at % n), (p, i) => A(p.Item1, p.Item2, i) * B(p.Item1, i, p.Item3), k);
        Close(a.Grad!, at => transposeA ? (at / (m * k), at % m, at / m % k) : (at / (m * k), at / k % m, at % k),
            (p, i) => Y(p.Item1, p.Item2, i) * B(p.Item1, p.Item3, i), n);
        Close(b.Grad!, at => transposeB ? (at / (k * n), at % k, at / k % n) : (at / (k * n), at / n % k, at % n),
            (p, i) => A(p.Item1, i, p.Item2) * Y(p.Item1, i, p.Item3), m);
    }

    private static void Close(Tensor actual, Func<int, (int, int, int)> place, Func<(int, int, int), int, double> term, int terms) {
        float[] values = actual.ToArray();
        for (int at = 0; at < values.Length; at++) {
            (int, int, int) where = place(at);
            double sum = 0, size = 0;
            for (int i = 0; i < terms; i++) {
                double each = term(where, i);
                sum += each;
                size += Math.Abs(each);
            }
            Close(at, sum, size, values[at]);
        }
    }

    /// <summary>Sums are of single precision: an error is a share of the terms' sizes.</summary>
    private static void Close(int at, double sum, double size, float actual) =>
        Assert.True(Math.Abs(sum - actual) <= 2e-6 * size, $"at {at}: {actual}, not {sum}; terms of {size}");

    private static void Convolution(GpuDevice gpu, int[] input, int[] kernel, int stride, int padding, int groups) {
        var random = new Philox(9);
        Tensor x = Draws.Normal(input)(random, gpu), weight = Draws.Normal(kernel)(random, gpu);
        (x.RequiresGrad, weight.RequiresGrad) = (true, true);
        Tensor y = Op.Conv2d(x, weight, null, stride, padding, groups: groups);
        Tensor dy = Draws.Normal([.. Enumerable.Range(0, 4).Select(axis => y.Shape[axis])])(random, gpu);
        y.Backward(dy);
        float[] Floats(Tensor tensor) => [.. Rounded(gpu, tensor).Select(value => (float)value)];
        var direct = new DirectConvolution(
            Floats(x), x.Shape, Floats(weight), weight.Shape, Floats(dy), y.Shape, stride, padding, 1, groups);
        foreach ((Tensor actual, Func<int, (double, double)> expected) in new (Tensor, Func<int, (double, double)>)[] {
            (y, direct.Output), (x.Grad!, direct.InputGradient), (weight.Grad!, direct.WeightGradient) }) {
            float[] values = actual.ToArray();
            for (int at = 0; at < values.Length; at++) {
                (double sum, double size) = expected(at);
                Close(at, sum, size, values[at]);
            }
        }
    }

    /// <summary>A device's tensor rounded as it rounds factors, by arithmetic instead of bits.</summary>
    private static double[] Rounded(GpuDevice gpu, Tensor tensor) => [.. tensor.ToArray().Select(value => {
        if (value == 0) return 0;
        bool brain = gpu.Precision == Precision.BFloat16;
        double unit = Math.Pow(2, Math.ILogB(value) - (brain ? 7 : 10));
        return unit * Math.Round(value / unit, brain ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero);
    })];
}
