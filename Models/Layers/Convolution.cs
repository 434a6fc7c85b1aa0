namespace DenseEngine.Models;

/// <summary>A convolution's weight and, if wanted, bias; how it samples its input is for others to say.</summary>
public abstract class Convolution : Layer {
    private protected Convolution(int inputs, int outputs, Ops.Pair kernel, int groups, bool bias) {
        Weight = new Parameter([outputs, kernel.Vertical, kernel.Horizontal, inputs / groups], 0, StateLayout.Convolution);
        Bias = bias ? new Parameter([outputs]) : null;
    }

    /// <summary>[O,KH,KW,I/groups].</summary>
    public Parameter Weight { get; }

    /// <summary>[O], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters =>
        Bias is null ? [("weight", Weight)] : [("weight", Weight), ("bias", Bias)];
}
