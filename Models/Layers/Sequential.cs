namespace DenseEngine.Models;

/// <summary>Layers one after the other, whose state names are their numbers.
/// What a layer does not need for its gradient is freed.</summary>
public sealed class Sequential(params IEnumerable<Layer> layers) : Layer {
    private readonly Layer[] layers = [.. layers];

    /// <summary>How many layers there are.</summary>
    public int Count => layers.Length;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children =>
        layers.Select((layer, i) => (i.ToString(System.Globalization.CultureInfo.InvariantCulture), (Module)layer));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) {
        using var scope = new TensorScope();
        Tensor given = x;
        foreach (Layer layer in layers) {
            Tensor y = layer.Forward(x);
            if (x != given && x != y) x.Dispose();   // a long row of layers needs no more than two maps at once
            x = y;
        }
        return scope.Keep(x);
    }
}
