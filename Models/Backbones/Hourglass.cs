using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>One hourglass (Newell, Yang and Deng, Stacked Hourglass Networks, ECCV 2016): a map and what a smaller hourglass, or at the
/// bottom residual blocks, make of it at half its size, summed. State names: up1, low1, low2, low3.</summary>
internal sealed class Hourglass : Layer {
    private readonly Sequential up1, low1, low3;
    private readonly Layer low2;

    /// <summary>An hourglass that begins at a depth.</summary>
    public Hourglass(HourglassConfig config, int depth = 0) {
        (int here, int below) = (config.StageChannels[depth], config.StageChannels[depth + 1]);
        int blocks = config.StageBlocks[depth];
        up1 = Blocks(here, here, blocks);
        low1 = Blocks(here, below, blocks, stride: 2);
        low2 = depth + 1 < config.DownsampleTimes ? new Hourglass(config, depth + 1) : Blocks(below, below, config.StageBlocks[depth + 1]);
        low3 = new Sequential(Enumerable.Range(1, blocks).Select(i => ResidualBlock.Basic(below, i < blocks ? below : here, 1, 1)));
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        [("up1", up1), ("low1", low1), ("low2", low2), ("low3", low3)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        Tensor low = low1.Forward(x);
        foreach (Layer layer in (Layer[])[low2, low3]) {
            Tensor next = layer.Forward(low);
            low.Dispose();   // what the gradient needs of it, it has
            low = next;
        }
        return scope.Keep(Op.AddNearest(up1.Forward(x), low, inPlace: true));
    }

    private static Sequential Blocks(int inputs, int channels, int count, int stride = 1) => new(Enumerable.Range(0, count)
        .Select(i => i == 0 ? ResidualBlock.Basic(inputs, channels, stride, 1) : ResidualBlock.Basic(channels, channels, 1, 1)));
}
