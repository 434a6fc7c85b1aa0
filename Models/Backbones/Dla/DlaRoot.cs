using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Joins maps of one size: a 1×1 convolution of all their channels, batch norm, ReLU.</summary>
internal sealed class DlaRoot(int inputs, int channels) : Module {
    private readonly ConvModule joins = new(inputs, channels, 1, norm: new NormConfig(NormKind.Batch));

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => joins.Children;

    /// <summary>The maps [N,h,w,·] to one [N,h,w,channels].</summary>
    public Tensor Forward(IReadOnlyList<Tensor> maps) {
        using Tensor all = Op.Concat(maps, 3);
        return joins.Forward(all);
    }
}
