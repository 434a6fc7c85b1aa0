using DenseEngine.Ops;

namespace DenseEngine.Tests;

/// <summary>Single elements of a convolution and its gradients by their definition, in float64, with the sum of the terms' sizes.</summary>
internal sealed class DirectConvolution(float[] x, Shape input, float[] weight, Shape kernel, float[] dy, Shape output, Pair stride,
    Pair padding, Pair dilation, int groups) {
    private int GroupInputs => kernel[3];

    private int GroupOutputs => kernel[0] / groups;

    public (double Value, double Size) Output(int index) {
        (int n, int oy, int ox, int o) = Place(output, index);
        return Sum(from ky in Enumerable.Range(0, kernel[1])
                   from kx in Enumerable.Range(0, kernel[2])
                   let iy = oy * stride.Vertical - padding.Vertical + ky * dilation.Vertical
                   let ix = ox * stride.Horizontal - padding.Horizontal + kx * dilation.Horizontal
                   where iy >= 0 && iy < input[1] && ix >= 0 && ix < input[2]
                   from c in Enumerable.Range(0, GroupInputs)
                   select (double)x[At(input, n, iy, ix, o / GroupOutputs * GroupInputs + c)] * weight[At(kernel, o, ky, kx, c)]);
    }

    public (double Value, double Size) InputGradient(int index) {
        (int n, int iy, int ix, int c) = Place(input, index);
        return Sum(from ky in Enumerable.Range(0, kernel[1])
                   from kx in Enumerable.Range(0, kernel[2])
                   let y = iy + padding.Vertical - ky * dilation.Vertical
                   let x = ix + padding.Horizontal - kx * dilation.Horizontal
                   where y >= 0 && x >= 0 && y % stride.Vertical == 0 && x % stride.Horizontal == 0
                   where y / stride.Vertical < output[1] && x / stride.Horizontal < output[2]
                   from o in Enumerable.Range(c / GroupInputs * GroupOutputs, GroupOutputs)
                   let gradient = dy[At(output, n, y / stride.Vertical, x / stride.Horizontal, o)]
                   select (double)gradient * weight[At(kernel, o, ky, kx, c % GroupInputs)]);
    }

    public (double Value, double Size) WeightGradient(int index) {
        (int o, int ky, int kx, int c) = Place(kernel, index);
        double value = 0, size = 0;
        for (int n = 0; n < output[0]; n++) {
            for (int oy = 0; oy < output[1]; oy++) {
                for (int ox = 0; ox < output[2]; ox++) {
                    int iy = oy * stride.Vertical - padding.Vertical + ky * dilation.Vertical;
                    int ix = ox * stride.Horizontal - padding.Horizontal + kx * dilation.Horizontal;
                    if (iy < 0 || iy >= input[1] || ix < 0 || ix >= input[2]) continue;
                    double term = (double)x[At(input, n, iy, ix, o / GroupOutputs * GroupInputs + c)] * dy[At(output, n, oy, ox, o)];
                    value += term;
                    size += Math.Abs(term);
                }
            }
        }
        return (value, size);
    }

    private static (double, double) Sum(IEnumerable<double> terms) {
        double value = 0, size = 0;
        foreach (double term in terms) {
            value += term;
            size += Math.Abs(term);
        }
        return (value, size);
    }

    private static int At(Shape shape, int a, int b, int c, int d) => ((a * shape[1] + b) * shape[2] + c) * shape[3] + d;

    private static (int, int, int, int) Place(Shape shape, int index) =>
        (index / (shape[1] * shape[2] * shape[3]), index / (shape[2] * shape[3]) % shape[1], index / shape[3] % shape[2], index % shape[3]);
}
