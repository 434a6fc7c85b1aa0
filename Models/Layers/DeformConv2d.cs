using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A deformable convolution whose offsets are given, without mask and bias (mmcv's <c>DeformConv2d</c>).</summary>
public sealed class DeformConv2d : Module {
    private readonly Pair kernel, stride, padding, dilation;
    private readonly int groups, offsetGroups;

    /// <summary>A convolution of zeros, to be initialised or loaded.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Window size.</param>
    /// <param name="stride">Step of the window; 1 if null.</param>
    /// <param name="padding">How far outside the first window begins.</param>
    /// <param name="dilation">Distance of the window's taps; 1 if null.</param>
    /// <param name="groups">Independent groups of channels.</param>
    /// <param name="offsetGroups">Groups of input channels that move together.</param>
    public DeformConv2d(int inputs, int outputs, Pair kernel, Pair? stride = null, Pair padding = default, Pair? dilation = null,
        int groups = 1, int offsetGroups = 1) {
        Weight = new Parameter([outputs, kernel.Vertical, kernel.Horizontal, inputs / groups], 0, StateLayout.Convolution);
        (this.kernel, this.stride, this.padding, this.dilation) = (kernel, stride ?? 1, padding, dilation ?? 1);
        (this.groups, this.offsetGroups) = (groups, offsetGroups);
    }

    /// <summary>[O,KH,KW,I/groups].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [("weight", Weight)];

    /// <summary>[N,H,W,I] and offsets [N,H',W',2·offsetGroups·KH·KW] (<see cref="Op.DeformConv2d"/>) to [N,H',W',O]. A map smaller than the
    /// window is filled up with zeros below and to the right, and so are the offsets; the result is cut back.</summary>
    /// <param name="x">The maps.</param>
    /// <param name="offset">See above.</param>
    /// <param name="relu">Whether a ReLU follows.</param>
    public Tensor Forward(Tensor x, Tensor offset, bool relu = false) {
        int below = Math.Max(0, kernel.Vertical - x.Shape[1]), right = Math.Max(0, kernel.Horizontal - x.Shape[2]);
        if (below == 0 && right == 0) return Convolve(x, offset, relu);
        using var scope = new TensorScope();
        Tensor y = Convolve(Fill(x, below, right), Fill(offset, below, right), relu);
        return scope.Keep(Op.Slice(Op.Slice(y, 1, 0, y.Shape[1] - below), 2, 0, y.Shape[2] - right));
    }

    /// <summary>Uniform weights within mmcv's bound.</summary>
    public override void Initialize(Philox random) =>
        Initializers.Uniform(Weight, random, MathF.Sqrt(6f / (Weight.Value.Count / Weight.Value.Shape[0])));

    private Tensor Convolve(Tensor x, Tensor offset, bool relu) =>
        Op.DeformConv2d(x, offset, Weight.Value, null, null, stride, padding, dilation, groups, offsetGroups, relu);

    private static Tensor Fill(Tensor x, int below, int right) => Op.Pad(x, [0, 0, 0, 0], [0, below, right, 0]);
}
