using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A fully connected layer; also one on whole maps, whose weights PyTorch orders by channel first.</summary>
public sealed class Linear : Layer {
    /// <summary>A layer of zeros, to be initialised or loaded.</summary>
    /// <param name="inputs">Input numbers; of maps, their channels.</param>
    /// <param name="outputs">Output numbers.</param>
    /// <param name="map">The size of the maps that it takes, or null if it takes rows.</param>
    public Linear(int inputs, int outputs, Pair? map = null) {
        Weight = map is { } size ? new Parameter([outputs, size.Vertical, size.Horizontal, inputs], 0, StateLayout.Flattened)
            : new Parameter([outputs, inputs]);
        Bias = new Parameter([outputs]);
    }

    /// <summary>[O,I], or [O,H,W,I] on maps.</summary>
    public Parameter Weight { get; }

    /// <summary>[O].</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [("weight", Weight), ("bias", Bias)];

    /// <summary>[N,I], or [N,H,W,I] on maps, to [N,O].</summary>
    public override Tensor Forward(Tensor x) {
        int outputs = Bias.Value.Count, inputs = Weight.Value.Count / outputs;
        return Op.Linear(Op.Reshape(x, x.Shape[0], inputs), Op.Reshape(Weight.Value, outputs, inputs), Bias.Value);
    }
}
