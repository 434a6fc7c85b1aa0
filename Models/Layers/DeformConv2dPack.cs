using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A deformable convolution that finds its offsets itself (mmcv's <c>DCN</c> and <c>DCNv2</c>): a convolution of the same window,
/// <c>conv_offset</c> in the state, gives for each group and tap the steps down and across; with a mask, behind all of those a logit for
/// each group and tap.</summary>
public sealed class DeformConv2dPack : Convolution {
    private readonly DcnConfig dcn;
    private readonly Pair kernel, stride, padding, dilation;
    private readonly int groups, samples;
    private readonly Parameter offsetWeight, offsetBias;

    /// <summary>A convolution of zeros, to be initialised or loaded.</summary>
    /// <param name="dcn">The kind.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Window size.</param>
    /// <param name="stride">Step of the window; 1 if null.</param>
    /// <param name="padding">How far outside the first window begins.</param>
    /// <param name="dilation">Distance of the window's taps; 1 if null.</param>
    /// <param name="groups">Independent groups of channels.</param>
    /// <param name="bias">Whether a bias is added; only with a mask.</param>
    /// <exception cref="ConfigException">Channels that cannot be divided into the groups that move, or a bias without a mask.</exception>
    public DeformConv2dPack(DcnConfig dcn, int inputs, int outputs, Pair kernel, Pair? stride = null, Pair padding = default,
        Pair? dilation = null, int groups = 1, bool bias = false) : base(inputs, outputs, kernel, groups, bias) {
        if (dcn.DeformGroups < 1 || inputs % dcn.DeformGroups != 0)
            throw new ConfigException($"DCN: {inputs} channels cannot be divided into {dcn.DeformGroups} deform groups.");
        if (bias && !dcn.Modulated) throw new ConfigException("DCN: without a mask there is no bias; it is DCNv2 that may have one.");
        (this.dcn, this.kernel, this.groups) = (dcn, kernel, groups);
        (this.stride, this.padding, this.dilation) = (stride ?? 1, padding, dilation ?? 1);
        samples = dcn.DeformGroups * kernel.Vertical * kernel.Horizontal;
        int channels = (dcn.Modulated ? 3 : 2) * samples;
        offsetWeight = new Parameter([channels, kernel.Vertical, kernel.Horizontal, inputs], 0, StateLayout.Convolution);
        offsetBias = new Parameter([channels]);
    }

    /// <summary>Whether it has a mask.</summary>
    internal bool Modulated => dcn.Modulated;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters =>
        [.. base.OwnParameters, ("conv_offset.weight", offsetWeight), ("conv_offset.bias", offsetBias)];

    /// <summary>[N,H,W,I] to [N,H',W',O].</summary>
    /// <exception cref="ShapeException">Without a mask: a map smaller than the window, which mmcv refuses too.</exception>
    public override Tensor Forward(Tensor x) {
        Check.That(dcn.Modulated || x.Shape[1] >= kernel.Vertical && x.Shape[2] >= kernel.Horizontal,
            $"DCN: the map {x.Shape} is smaller than the window {kernel}.");
        using var scope = new TensorScope();
        Tensor moves = Op.Conv2d(x, offsetWeight.Value, offsetBias.Value, stride, padding, dilation), offset = moves;
        Tensor? mask = null;
        if (dcn.Modulated) {
            offset = Op.Slice(moves, -1, 0, 2 * samples);
            mask = Op.Sigmoid(Op.Slice(moves, -1, 2 * samples, 3 * samples));
        }
        return scope.Keep(Op.DeformConv2d(x, offset, Weight.Value, mask, Bias?.Value, stride, padding, dilation, groups, dcn.DeformGroups));
    }

    /// <summary>Uniform weights within mmcv's bound; offsets of zero, so that it begins as a plain convolution.</summary>
    public override void Initialize(Philox random) {
        Initializers.Uniform(Weight, random, MathF.Sqrt((dcn.Modulated ? 1f : 6f) / (Weight.Value.Count / Weight.Value.Shape[0])));
        Bias?.Fill(0);
        offsetWeight.Fill(0);
        offsetBias.Fill(0);
    }
}
