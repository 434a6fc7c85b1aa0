using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Convolution, norm, ReLU (mmcv's <c>ConvModule</c>): <c>conv</c> and <c>bn</c> or <c>gn</c> in the state. Without a stated bias
/// the convolution has one exactly if no norm follows.</summary>
public sealed class ConvModule : Layer {
    private readonly Layer? norm;
    private readonly string normName;
    private readonly bool relu;

    /// <summary>A convolution with what follows it.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="kernel">Window size.</param>
    /// <param name="stride">Step of the window; 1 if null.</param>
    /// <param name="padding">Zeros around the input.</param>
    /// <param name="norm">The norm, or null for none.</param>
    /// <param name="relu">Whether a ReLU ends it.</param>
    /// <param name="bias">Whether the convolution has a bias; null: if there is no norm.</param>
    /// <param name="dcn">The deformable convolution that stands in the convolution's place, or null.</param>
    public ConvModule(int inputs, int outputs, Pair kernel, Pair? stride = null, Pair padding = default, NormConfig? norm = null,
        bool relu = true, bool? bias = null, DcnConfig? dcn = null) {
        bool biased = bias ?? norm is null;
        Convolution = dcn is null ? new Conv2d(inputs, outputs, kernel, stride, padding, bias: biased)
            : new DeformConv2dPack(dcn, inputs, outputs, kernel, stride, padding, bias: biased);
        (this.norm, normName, this.relu) = (norm?.Create(outputs), norm?.StateName ?? "", relu);
    }

    /// <summary>Any convolution with what follows it.</summary>
    internal ConvModule(Convolution convolution, int outputs, NormConfig norm, bool relu = true) =>
        (Convolution, this.norm, normName, this.relu) = (convolution, norm.Create(outputs), norm.StateName, relu);

    /// <summary>The convolution.</summary>
    public Convolution Convolution { get; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        norm is null ? [("conv", Convolution)] : [("conv", Convolution), (normName, norm)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        if (norm is BatchNorm2d batch) return ConvNorm.Forward(Convolution, batch, x, relu);
        using var scope = new TensorScope();
        Tensor y = Convolution.Forward(x);
        if (norm is GroupNorm group) return scope.Keep(group.Finish(y, relu));
        return scope.Keep(relu ? Op.Relu(y) : y);
    }

    /// <summary>relu(this module's output + another map), in one pass behind a batch norm in inference.</summary>
    internal Tensor Join(Tensor x, Tensor other) {
        if (norm is BatchNorm2d batch && !relu) return ConvNorm.Forward(Convolution, batch, x, relu: true, other);
        using var scope = new TensorScope();
        return scope.Keep(Op.Relu(Forward(x) + other));
    }
}
