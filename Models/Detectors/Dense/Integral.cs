using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The expected value of a distribution over 0, 1, …, regMax (Li et al., 2020, equation 4): Σ i · softmax(x)ᵢ.</summary>
public sealed class Integral(int regMax) : Module {
    private readonly StateBuffer project = new(Tensor.From([.. Enumerable.Range(0, regMax + 1).Select(i => (float)i)], [regMax + 1]));

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, StateBuffer Buffer)> OwnBuffers => [("project", project)];

    /// <summary>The bins of an edge.</summary>
    internal int Bins => regMax + 1;

    /// <summary>The values of the bins, in strides.</summary>
    internal Tensor Values => project.Value;

    /// <summary>Logits [4·P, regMax + 1] to distances [P,4].</summary>
    public Tensor Forward(Tensor logits) =>
        Op.Reshape(Op.ExpectedValue(logits, project.Value), logits.Shape[0] / 4, 4);

    /// <summary>The boxes [P,4], in pixels, of logits [P,4·(regMax + 1)] around the centres of anchors [P,4].</summary>
    /// <param name="codes">The logits, edge by edge.</param>
    /// <param name="anchors">The anchors.</param>
    /// <param name="stride">Pixels of a bin.</param>
    internal Tensor Decode(Tensor codes, Tensor anchors, float stride) => DistancePointBoxCoder.Decode(
        DistancePointBoxCoder.Centres(anchors), Forward(Op.Reshape(codes, 4 * codes.Shape[0], Bins)) * stride);
}
