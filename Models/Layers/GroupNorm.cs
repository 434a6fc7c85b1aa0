using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Group normalisation with its weight and bias.</summary>
public sealed class GroupNorm : Layer {
    private readonly int groups;
    private readonly Parameter weight, bias;

    /// <summary>A norm with weight 1 and bias 0.</summary>
    /// <param name="groups">How many groups of neighbouring channels; divides them.</param>
    /// <param name="channels">Channels.</param>
    /// <exception cref="ConfigException">It does not.</exception>
    public GroupNorm(int groups, int channels) {
        if (groups < 1 || channels % groups != 0)
            throw new ConfigException($"GroupNorm: {groups} groups do not divide {channels} channels.");
        this.groups = groups;
        (weight, bias) = (new Parameter([channels], 1f), new Parameter([channels]));
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, Parameter Parameter)> OwnParameters => [("weight", weight), ("bias", bias)];

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Op.GroupNorm(x, groups, weight.Value, bias.Value);

    /// <summary>Norm and, if asked for, ReLU of something that nobody else needs: in inference in its place.</summary>
    internal Tensor Finish(Tensor x, bool relu) =>
        Op.GroupNorm(x, groups, weight.Value, bias.Value, relu: relu, inPlace: true);

    /// <summary>Weight 1, bias 0.</summary>
    public override void Initialize(Philox random) {
        weight.Fill(1);
        bias.Fill(0);
    }
}
