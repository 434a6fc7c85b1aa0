namespace DenseEngine.Models;

/// <summary>A block of a ResNet: convolutions, each with its batch norm, ReLU between them, the input added, ReLU at the end (He et al.,
/// 2016, figure 5). State names: conv1, bn1, conv2, bn2, conv3, bn3, downsample.0 (conv), downsample.1 (norm).</summary>
public sealed class ResidualBlock : Layer {
    private readonly (Convolution Conv, BatchNorm2d Norm)[] steps;
    private readonly (Conv2d Conv, BatchNorm2d Norm)? downsample;

    private ResidualBlock((Convolution Conv, BatchNorm2d Norm)[] steps, (Conv2d, BatchNorm2d)? downsample) =>
        (this.steps, this.downsample) = (steps, downsample);

    /// <summary>Two 3×3 convolutions (ResNet-18 and -34).</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="stride">The first one's.</param>
    /// <param name="dilation">The first one's.</param>
    /// <param name="projects">Whether it makes an input of another size fit; else <see cref="Forward(Tensor, Tensor)"/> is given one that
    /// does.</param>
    internal static ResidualBlock Basic(int inputs, int channels, int stride, int dilation, bool projects = true) => new([
        (new Conv2d(inputs, channels, 3, stride, dilation, dilation, bias: false), new BatchNorm2d(channels)),
        (new Conv2d(channels, channels, 3, padding: 1, bias: false), new BatchNorm2d(channels)),
    ], projects ? Downsample(inputs, channels, stride) : null);

    /// <summary>1×1, 3×3 (or the deformable convolution in its place), and 1×1 to four times the channels.</summary>
    internal static ResidualBlock Bottleneck(int inputs, int channels, int stride, int dilation, bool caffeStyle, DcnConfig? dcn) => new([
        (new Conv2d(inputs, channels, 1, caffeStyle ? stride : 1, bias: false), new BatchNorm2d(channels)),
        (Middle(channels, caffeStyle ? 1 : stride, dilation, dcn), new BatchNorm2d(channels)),
        (new Conv2d(channels, channels * 4, 1, bias: false), new BatchNorm2d(channels * 4)),
    ], Downsample(inputs, channels * 4, stride));

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children {
        get {
            for (int i = 0; i < steps.Length; i++) {
                yield return ($"conv{i + 1}", steps[i].Conv);
                yield return ($"bn{i + 1}", steps[i].Norm);
            }
            if (downsample is { } way) yield return ("downsample", new Sequential(way.Conv, way.Norm));
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        return scope.Keep(Forward(x, downsample is { } way ? ConvNorm.Forward(way.Conv, way.Norm, x, relu: false) : x));
    }

    /// <summary>The same with what is added given.</summary>
    internal Tensor Forward(Tensor x, Tensor shortcut) {
        using var scope = new TensorScope();
        Tensor y = x;
        for (int i = 0; i < steps.Length - 1; i++) {
            Tensor next = ConvNorm.Forward(steps[i].Conv, steps[i].Norm, y, relu: true);
            if (i > 0) y.Dispose();   // what the gradient needs of it, it has
            y = next;
        }
        return scope.Keep(ConvNorm.Forward(steps[^1].Conv, steps[^1].Norm, y, relu: true, shortcut));
    }

    /// <summary>Each block begins as the identity: the last norm's weight is 0 (mmdetection's <c>zero_init_residual</c>).</summary>
    public override void Initialize(Philox random) {
        base.Initialize(random);
        foreach (Conv2d convolution in Modules<Conv2d>()) Initializers.KaimingNormal(convolution, random);
        steps[^1].Norm.Weight.Fill(0);
    }

    private static Convolution Middle(int channels, int stride, int dilation, DcnConfig? dcn) => dcn is null
        ? new Conv2d(channels, channels, 3, stride, dilation, dilation, bias: false)
        : new DeformConv2dPack(dcn, channels, channels, 3, stride, dilation, dilation);

    private static (Conv2d, BatchNorm2d)? Downsample(int inputs, int outputs, int stride) => stride == 1 && inputs == outputs ? null
        : (new Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm2d(outputs));
}
