namespace DenseEngine.Models;

/// <summary>A ResNet as a backbone. Defaults are mmdetection's; lists hold one value a stage.</summary>
public sealed record ResNetConfig : BackboneConfig {
    private const int MaxBaseChannels = 256;   // configurations come with files: a bound on what they can allocate

    /// <summary>18 and 34 (basic blocks), 50, 101 and 152 (bottlenecks).</summary>
    public int Depth { get; init; } = 50;

    /// <summary>Channels of the stem and of the first stage's 3×3 convolutions.</summary>
    public int BaseChannels { get; init; } = 64;

    /// <summary>The stride of each stage; their number is the number of stages, 1 to 4.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [1, 2, 2, 2];

    /// <summary>The dilation of each stage's 3×3 convolutions.</summary>
    public IReadOnlyList<int> Dilations { get; init; } = [1, 1, 1, 1];

    /// <summary>The stages whose outputs are given, ascending from 0.</summary>
    public IReadOnlyList<int> OutIndices { get; init; } = [0, 1, 2, 3];

    /// <summary>Stages up to this one are frozen: 0 only the stem, -1 nothing.</summary>
    public int FrozenStages { get; init; } = -1;

    /// <summary>Whether all batch norms keep their running statistics in training.</summary>
    public bool NormEval { get; init; } = true;

    /// <summary>Whether the batch norms' weights and biases are trained.</summary>
    public bool NormTrains { get; init; } = true;

    /// <summary>Caffe's style puts a bottleneck's stride on its first 1×1 convolution, PyTorch's on the 3×3.</summary>
    public bool CaffeStyle { get; init; }

    /// <summary>The deformable convolutions in the place of bottlenecks' 3×3 ones, or null.</summary>
    public DcnConfig? Dcn { get; init; }

    /// <summary>Which stages have them (<c>stage_with_dcn</c>).</summary>
    public IReadOnlyList<bool> StageWithDcn { get; init; } = [false, false, false, false];

    /// <summary>Whether the first block that could have one keeps its plain convolution (<c>fallback_on_stride</c>), whatever its
    /// stride: in mmdetection the option holds for one block only.</summary>
    public bool DcnFallbackOnStride { get; init; }

    /// <summary>The channels of each stage's output.</summary>
    public IReadOnlyList<int> StageChannels() => [.. Strides.Select((_, i) => (BaseChannels << i) * Plan(Depth).Expansion)];

    /// <summary>Blocks a stage, and how many times wider a block's output is than its 3×3 convolution.</summary>
    /// <exception cref="ConfigException">No such depth.</exception>
    internal static (int[] Blocks, int Expansion) Plan(int depth) => depth switch {
        18 => ([2, 2, 2, 2], 1),
        34 => ([3, 4, 6, 3], 1),
        50 => ([3, 4, 6, 3], 4),
        101 => ([3, 4, 23, 3], 4),
        152 => ([3, 8, 36, 3], 4),
        _ => throw new ConfigException($"ResNet: depth {depth} is not one of 18, 34, 50, 101, 152."),
    };

    internal override Backbone Create() => new ResNet(this);

    internal void Validate() {
        int expansion = Plan(Depth).Expansion, stages = Strides.Count;
        if (stages is < 1 or > 4 || Dilations.Count < stages)
            throw new ConfigException($"ResNet: {stages} strides and {Dilations.Count} dilations; 1 to 4 stages need one of each.");
        if (StageWithDcn.Count < stages)
            throw new ConfigException($"ResNet: {StageWithDcn.Count} values of stage_with_dcn do not tell about {stages} stages.");
        if (Dcn is { } dcn) {
            if (expansion == 1 && StageWithDcn.Contains(true))
                throw new ConfigException($"ResNet: depth {Depth} has no bottlenecks, and only those have deformable convolutions.");
            if (dcn.DeformGroups < 1 || BaseChannels % dcn.DeformGroups != 0)
                throw new ConfigException($"ResNet: {dcn.DeformGroups} deform groups do not divide the {BaseChannels} channels.");
        }
        if (OutIndices.Count == 0 || OutIndices.Any(i => i < 0 || i >= stages) || !OutIndices.SequenceEqual(OutIndices.Distinct().Order()))
            throw new ConfigException(
                $"ResNet: out indices [{string.Join(", ", OutIndices)}] are not ascending numbers of {stages} stages.");
        if (FrozenStages < -1 || FrozenStages > stages)
            throw new ConfigException($"ResNet: frozen stages {FrozenStages} is not from -1 to {stages}.");
        if (BaseChannels is < 1 or > MaxBaseChannels || Strides.Concat(Dilations).Any(value => value is < 1 or > 8)) {
            throw new ConfigException($"ResNet: base channels {BaseChannels} must be from 1 to {MaxBaseChannels}, strides "
                + $"[{string.Join(", ", Strides)}] and dilations [{string.Join(", ", Dilations)}] from 1 to 8.");
        }
    }
}
