using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>A convolution of so many pictures; the padding keeps the size, but for the stride.</summary>
internal sealed record Layer(int Height, int Width, int Channels, int Outputs, int Kernel, int Stride = 1, int Groups = 1, int Dilation = 1,
    int Images = 1) {
    /// <summary>The maps.</summary>
    public Draw Input => Draws.Map(Images, Height, Width, Channels);

    /// <summary>The taps.</summary>
    public Draw Weight => Draws.Map(Outputs, Kernel, Kernel, Channels / Groups);

    /// <summary>Those of the direct sum, and, where F(4x4, 3x3) is possible, of its products: 36 for 16 pixels instead of 144.</summary>
    public Count Operations {
        get {
            int rows = (Height - 1) / Stride + 1, columns = (Width - 1) / Stride + 1;
            double pairs = 2.0 * Images * Channels / Groups * Outputs, direct = pairs * rows * columns * Kernel * Kernel;
            double tiles = pairs * 36 * ((rows + 3) / 4) * ((columns + 3) / 4);
            return new(direct, this is { Kernel: 3, Stride: 1, Groups: 1, Dilation: 1 } ? Math.Min(direct, tiles) : direct);
        }
    }

    /// <summary>Forward and each gradient.</summary>
    public Workload[] Rows() {
        int padding = Kernel / 2 * Dilation;
        Tensor Run(Tensor[] t) => Op.Conv2d(t[0], t[1], stride: Stride, padding: padding, dilation: Dilation, groups: Groups);
        string name = "Conv2d " + this;
        return [Benchmarks.Rows.Forward(name, Operations, Run, Input, Weight),
            Benchmarks.Rows.Gradient(name + " dx", Operations, [0], Run, Input, Weight),
            Benchmarks.Rows.Gradient(name + " dW", Operations, [1], Run, Input, Weight)];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Images}x{Height}x{Width}x{Channels} to {Outputs}, {Kernel}x{Kernel}"
        + (Stride > 1 ? $" /{Stride}" : "") + (Groups > 1 ? $", {Groups} groups" : "") + (Dilation > 1 ? $", dilation {Dilation}" : "");
}
