using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A plain convolution.</summary>
public sealed class Conv2d : Convolution {
    private readonly Pair stride, padding, dilation;
    private readonly int groups;

    /// <summary>A convolution of zeros, to be initialised or loaded.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Window size.</param>
    /// <param name="stride">Step of the window; 1 if null.</param>
    /// <param name="padding">Zeros around the input.</param>
    /// <param name="dilation">Distance of the window's taps; 1 if null.</param>
    /// <param name="groups">Independent groups of channels.</param>
    /// <param name="bias">Whether a bias is added.</param>
    public Conv2d(int inputs, int outputs, Pair kernel, Pair? stride = null, Pair padding = default, Pair? dilation = null, int groups = 1,
        bool bias = true) : base(inputs, outputs, kernel, groups, bias) =>
        (this.stride, this.padding, this.dilation, this.groups) = (stride ?? 1, padding, dilation ?? 1, groups);

    /// <summary>[N,H,W,I] to [N,H',W',O].</summary>
    public override Tensor Forward(Tensor x) => Op.Conv2d(x, Weight.Value, Bias?.Value, stride, padding, dilation, groups);

    /// <summary>The same without its bias, by a norm's scale and shift; then what else is asked for.</summary>
    internal Tensor Forward(Tensor x, NormAffine norm, bool relu, Tensor? residual) =>
        Op.ConvAffine(x, Weight.Value, norm.Scale, norm.Shift, residual, relu, stride, padding, dilation, groups);
}
