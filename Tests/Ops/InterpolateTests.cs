using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Resampling at sizes where vectors and threads come into play, against direct loops.</summary>
public class InterpolateTests {
    [Theory]
    [InlineData(1, 25, 42, 64, 50, 84)]
    [InlineData(2, 13, 21, 48, 25, 42)]
    [InlineData(1, 40, 30, 17, 13, 50)]
    public void Nearest_copies_and_its_gradient_adds(int images, int height, int width, int channels, int outputHeight, int outputWidth) {
        using var scope = new TensorScope();
        Tensor x = Whole([images, height, width, channels], 1), dy = Whole([images, outputHeight, outputWidth, channels], 2);
        x.RequiresGrad = true;
        Tensor y = Op.InterpolateNearest(x, (outputHeight, outputWidth));
        y.Backward(dy);
        float[] values = x.ToArray(), slopes = dy.ToArray(), expected = new float[y.Count], gradient = new float[x.Count];
        // PyTorch's rule: the scale and the product are rounded to single precision.
        float scaleY = (float)height / outputHeight, scaleX = (float)width / outputWidth;
        for (int i = 0; i < y.Count; i++) {
            int c = i % channels, ox = i / channels % outputWidth, oy = i / channels / outputWidth % outputHeight,
                image = i / channels / outputWidth / outputHeight;
            int iy = Math.Min((int)MathF.Floor(oy * scaleY), height - 1), ix = Math.Min((int)MathF.Floor(ox * scaleX), width - 1);
            int place = ((image * height + iy) * width + ix) * channels + c;
            expected[i] = values[place];
            gradient[place] += slopes[i];
        }
        Assert.Equal(expected, y.ToArray());
        Assert.Equal(gradient, x.Grad!.ToArray());

        Tensor fine = Whole(y.Shape, 3), sum;
        float[] expectedSum = [.. expected.Zip(fine.ToArray(), (a, b) => a + b)];
        Assert.Equal(expectedSum, Op.AddNearest(fine, x.Detach(), inPlace: true).ToArray());   // while it records, not
        using (new NoGrad()) sum = Op.AddNearest(fine, x, inPlace: true);
        Assert.Equal(expectedSum, sum.ToArray());
        Assert.Equal(expectedSum, fine.ToArray());
    }

    /// <summary>A sum that no cache holds is written past them, but not in place.</summary>
    [Fact]
    public void Large_sums_are_those_made_in_place() {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor fine = Whole([1, 128, 129, 256], 3), coarse = Whole([1, 64, 43, 256], 5), sum = Op.AddNearest(fine, coarse);
        Assert.Equal(fine.ToArray()[^1] + coarse.ToArray()[^1], sum.ToArray()[^1]);
        Assert.True(sum.Span.SequenceEqual(Op.AddNearest(fine, coarse, inPlace: true).Span));
    }

    [Theory]
    [InlineData(1, 25, 42, 64, 50, 84, false)]
    [InlineData(2, 13, 21, 48, 7, 42, false)]
    [InlineData(1, 40, 30, 17, 13, 50, true)]
    [InlineData(1, 1, 9, 33, 4, 1, true)]
    public void Linear_samples_lie_between_pixels_and_their_gradient_is_the_adjoint(int images, int height, int width, int channels,
        int outputHeight, int outputWidth, bool corners) {
        using var scope = new TensorScope();
        Tensor x = Whole([images, height, width, channels], 1), dy = Whole([images, outputHeight, outputWidth, channels], 2);
        x.RequiresGrad = true;
        Tensor y = Op.InterpolateBilinear(x, (outputHeight, outputWidth), alignCorners: corners);
        y.Backward(dy);
        float[] values = x.ToArray(), slopes = dy.ToArray();
        double[] expected = new double[y.Count], gradient = new double[x.Count];
        for (int i = 0; i < y.Count; i++) {
            int c = i % channels, ox = i / channels % outputWidth, oy = i / channels / outputWidth % outputHeight,
                image = i / channels / outputWidth / outputHeight;
            double sy = Source(oy, height, outputHeight, corners), sx = Source(ox, width, outputWidth, corners);
            for (int iy = 0; iy < height; iy++) {
                for (int ix = 0; ix < width; ix++) {
                    // The hat function: what linear interpolation is.
                    double weight = Math.Max(0, 1 - Math.Abs(sy - iy)) * Math.Max(0, 1 - Math.Abs(sx - ix));
                    if (weight == 0) continue;
                    int place = ((image * height + iy) * width + ix) * channels + c;
                    expected[i] += weight * values[place];
                    gradient[place] += weight * slopes[i];
                }
            }
        }
        float[] actual = y.ToArray(), actualGradient = x.Grad!.ToArray();
        for (int i = 0; i < actual.Length; i++) Assert.Equal(expected[i], actual[i], 5e-6);
        for (int i = 0; i < actualGradient.Length; i++) Assert.Equal(gradient[i], actualGradient[i], 5e-5);
    }

    private static double Source(int o, int size, int outputs, bool corners) {
        double at = corners ? outputs == 1 ? 0 : o * (size - 1.0) / (outputs - 1) : Math.Max((o + 0.5) * size / outputs - 0.5, 0);
        return Math.Min(at, size - 1);
    }

    private static Tensor Whole(Shape shape, ulong seed) {
        var random = new Philox(seed);
        return Tensor.From([.. Enumerable.Range(0, shape.Count).Select(_ => (float)random.Next(12))], shape);
    }
}
