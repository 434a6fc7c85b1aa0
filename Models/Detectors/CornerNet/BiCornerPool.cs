using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>CornerNet's corner pooling module (Law and Deng, 2018, figure 7) as mmdetection has it: two corner pools, each of a convolution
/// of its own, summed; a convolution of the sum plus a 1×1 convolution of the input, ReLU, and a last convolution. State names:
/// direction1_conv, direction2_conv, aftpool_conv, conv1, conv2.</summary>
public sealed class BiCornerPool : Layer {
    private readonly ConvModule first, second, joining, shortcut, last;
    private readonly CornerSide firstSide, secondSide;

    /// <summary>A module to be initialised or loaded.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="features">Channels of what is pooled.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="firstSide">Where the first pool goes to.</param>
    /// <param name="secondSide">Where the second pool goes to.</param>
    public BiCornerPool(int inputs, int features, int outputs, CornerSide firstSide, CornerSide secondSide) {
        var norm = new NormConfig(NormKind.Batch);
        (this.firstSide, this.secondSide) = (firstSide, secondSide);
        first = new ConvModule(inputs, features, 3, padding: 1, norm: norm);
        second = new ConvModule(inputs, features, 3, padding: 1, norm: norm);
        joining = new ConvModule(features, outputs, 3, padding: 1, norm: norm, relu: false);
        shortcut = new ConvModule(inputs, outputs, 1, norm: norm, relu: false);
        last = new ConvModule(outputs, outputs, 3, padding: 1, norm: norm);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [
        ("direction1_conv", first), ("direction2_conv", second), ("aftpool_conv", joining), ("conv1", shortcut), ("conv2", last),
    ];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        using Tensor sum = Pooled(first, firstSide, x) + Pooled(second, secondSide, x);
        using Tensor joined = joining.Join(sum, shortcut.Forward(x));
        return scope.Keep(last.Forward(joined));
    }

    private static Tensor Pooled(ConvModule convolution, CornerSide side, Tensor x) {
        using Tensor y = convolution.Forward(x);
        return Op.CornerPool(y, side);
    }
}
