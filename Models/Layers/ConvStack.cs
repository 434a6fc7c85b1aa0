namespace DenseEngine.Models;

/// <summary>Convolutions, each with its batch norm and, if wanted, a ReLU, named by their places in a row of all of these: 0 and 1, 3 and
/// 4.</summary>
/// <param name="relu">Whether a ReLU follows each norm.</param>
/// <param name="steps">The convolutions and their norms.</param>
internal sealed class ConvStack(bool relu, params (Conv2d Conv, BatchNorm2d Norm)[] steps) : Layer {
    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children {
        get {
            for (int i = 0, place = 0; i < steps.Length; i++, place += relu ? 3 : 2) {
                yield return ($"{place}", steps[i].Conv);
                yield return ($"{place + 1}", steps[i].Norm);
            }
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        foreach ((Conv2d convolution, BatchNorm2d norm) in steps) x = ConvNorm.Forward(convolution, norm, x, relu);
        return scope.Keep(x);
    }
}
