using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Corner pools with many equal values and NaN, against the definition: for each pixel a search from where its scan
/// begins.</summary>
public class CornerPoolTests {
    /// <summary>N, H, W, C: words of records with and without a rest, rests of vectors and strips, maps written past the caches.</summary>
    [Theory]
    [InlineData(2, 33, 5, 17)]
    [InlineData(1, 3, 65, 35)]
    [InlineData(1, 70, 34, 64)]
    [InlineData(3, 1, 1, 1)]
    [InlineData(1024, 2, 2, 1024)]
    public void Maxima_and_gradients_equal_a_search(int images, int height, int width, int channels) {
        foreach (CornerSide side in Enum.GetValues<CornerSide>()) {
            using var scope = new TensorScope();
            var x = new Tensor(HostDevice.Default, [images, height, width, channels]);
            var dy = new Tensor(HostDevice.Default, x.Shape);
            var random = new Philox(7);
            foreach (ref float value in x.Span) value = random.Next(40) == 0 ? float.NaN : random.Next(5) - 2;
            foreach (ref float value in dy.Span) value = random.Next(9) - 4;   // whole: sums are exact
            float[] inference = Op.CornerPool(x, side).ToArray();
            x.RequiresGrad = true;
            Tensor y = Op.CornerPool(x, side);
            y.Backward(dy);
            (float[] expected, float[] slopes) = Search(x, dy, side);
            Same(expected, y.ToArray());
            Same(expected, inference);
            Same(slopes, x.Grad!.ToArray());
        }
    }

    /// <summary>As Assert.Equal, which takes long over millions.</summary>
    private static void Same(float[] expected, float[] found) {
        if (!expected.AsSpan().SequenceEqual(found)) Assert.Equal(expected, found);
    }

    private static (float[] Maxima, float[] Gradient) Search(Tensor x, Tensor dy, CornerSide side) {
        (int height, int width, int channels) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        float[] values = x.ToArray(), given = dy.ToArray(), maxima = new float[values.Length], gradient = new float[values.Length];
        bool vertical = side is CornerSide.Top or CornerSide.Bottom, fromEnd = side is CornerSide.Top or CornerSide.Left;
        int step = (vertical ? width : 1) * channels * (fromEnd ? -1 : 1), length = vertical ? height : width;
        for (int i = 0; i < values.Length; i++) {
            int here = vertical ? i / (width * channels) % height : i / channels % width, before = fromEnd ? length - 1 - here : here;
            int best = i - before * step;
            for (int place = best, k = 0; k <= before; k++, place += step) {
                if (float.IsNaN(values[place]) || (!float.IsNaN(values[best]) && values[place] >= values[best])) best = place;
            }
            maxima[i] = values[best];
            gradient[best] += given[i];
        }
        return (maxima, gradient);
    }
}
