using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A branch of CenterNet's head: a 3×3 convolution, a ReLU and a 1×1 convolution, both with biases; <c>0</c> and <c>2</c> in the
/// state.</summary>
/// <param name="inputs">Channels of the map.</param>
/// <param name="channels">Channels between.</param>
/// <param name="outputs">Numbers a cell.</param>
public sealed class CenterBranch(int inputs, int channels, int outputs) : Layer {
    private readonly Conv2d first = new(inputs, channels, 3, padding: 1);

    /// <summary>What gives the numbers.</summary>
    public Conv2d Last { get; } = new(channels, outputs, 1);

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("0", first), ("2", Last)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        return scope.Keep(Last.Forward(Op.Relu(first.Forward(x))));
    }

    /// <summary>PyTorch's default weights.</summary>
    public override void Initialize(Philox random) {
        Initializers.Default(first, random);
        Initializers.Default(Last, random);
    }

    /// <summary>Small normal weights, no biases.</summary>
    internal void InitializeSmall(Philox random) {
        Initializers.Normal(first, random, 0.001f);
        Initializers.Normal(Last, random, 0.001f);
    }
}
