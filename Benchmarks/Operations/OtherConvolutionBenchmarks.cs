using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Depthwise, grouped, dilated, deformable and transposed convolutions, and those of inference that end with a residual and a
/// ReLU.</summary>
public class OtherConvolutionBenchmarks : WorkloadBenchmarks {
    private static readonly Layer Block = new(200, 336, 64, 256, 1);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. new Layer(100, 168, 256, 256, 3, Groups: 256).Rows(), .. new Layer(20, 20, 48, 48, 3, Groups: 48, Images: 8).Rows(),
        .. new Layer(100, 168, 128, 128, 3, Groups: 32).Rows(), .. new Layer(50, 84, 256, 256, 3, Dilation: 2).Rows(),
        Rows.Forward("ConvAffine, residual, ReLU " + Block, Block.Operations,
            t => Op.ConvAffine(t[0], t[1], t[2], t[3], t[4], relu: true), Block.Input, Block.Weight, Draws.Map(256), Draws.Map(256),
            Draws.Map(1, 200, 336, 256)),
        Rows.Forward("ConvAffine, ReLU 1x100x168x256 to 256, 3x3", new Layer(100, 168, 256, 256, 3).Operations,
            t => Op.ConvAffine(t[0], t[1], t[2], t[3], relu: true, padding: 1), Draws.Map(1, 100, 168, 256), Draws.Map(256, 3, 3, 256),
            Draws.Map(256), Draws.Map(256)),
        .. Deformable(100, 168, 256), .. Deformable(25, 42, 512), .. Transposed(32, 32, 256, 256), .. Transposed(64, 64, 128, 64),
    ];

    /// <summary>3x3 with a mask; dx comes with the gradients of offsets and mask.</summary>
    private static Workload[] Deformable(int height, int width, int channels) {
        Draw[] drawn = [Draws.Map(1, height, width, channels), Draws.Map(1, height, width, 18), Draws.Map(channels, 3, 3, channels),
            Draws.Map(1, height, width, 9)];
        double operations = 2.0 * height * width * channels * channels * 9;
        string name = $"DeformConv2d 1x{height}x{width}x{channels} to {channels}, 3x3";
        Tensor Run(Tensor[] t) => Op.DeformConv2d(t[0], t[1], t[2], t[3], padding: 1);
        return [Rows.Forward(name, operations, Run, drawn), Rows.Gradient(name + " dx", operations, [0, 1, 3], Run, drawn),
            Rows.Gradient(name + " dW", operations, [2], Run, drawn)];
    }

    /// <summary>Twice the size by 4x4 taps, as in CenterNet's neck.</summary>
    private static Workload[] Transposed(int height, int width, int channels, int outputs) {
        Draw[] drawn = [Draws.Map(1, height, width, channels), Draws.Map(channels, 4, 4, outputs)];
        double operations = 2.0 * height * width * channels * outputs * 16;
        string name = $"ConvTranspose2d 1x{height}x{width}x{channels} to {outputs}, 4x4 /2";
        Tensor Run(Tensor[] t) => Op.ConvTranspose2d(t[0], t[1], stride: 2, padding: 1);
        return [Rows.Forward(name, operations, Run, drawn), Rows.Gradient(name + " dx", operations, [0], Run, drawn),
            Rows.Gradient(name + " dW", operations, [1], Run, drawn)];
    }
}
