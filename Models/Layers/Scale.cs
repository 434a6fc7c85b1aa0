using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A learned factor for all elements, 1 at first (mmcv's <c>Scale</c>): one for each level, where levels share a head.</summary>
public sealed class Scale : Layer {
    private readonly Parameter scale = new([], 1);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [("scale", scale)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x * scale.Value;

    /// <inheritdoc/>
    public override void Initialize(Philox random) => scale.Fill(1);
}
