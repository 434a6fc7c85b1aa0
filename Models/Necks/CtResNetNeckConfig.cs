namespace DenseEngine.Models;

/// <summary>The deconvolutions behind CenterNet's ResNet (<c>CTResNetNeck</c>). Defaults are the published models'.</summary>
public sealed record CtResNetNeckConfig : CenterNeckConfig {
    private const int MostChannels = 4096, MostStages = 8, MostKernel = 16;

    /// <summary>The channels of each stage, each of which doubles the map's sides.</summary>
    public IReadOnlyList<int> Filters { get; init; } = [256, 128, 64];

    /// <summary>Each stage's window of the transposed convolution.</summary>
    public IReadOnlyList<int> Kernels { get; init; } = [4, 4, 4];

    /// <summary>The deformable convolution in the place of each stage's plain one, or null.</summary>
    public DcnConfig? Dcn { get; init; }

    /// <summary>Whether deformable convolutions have a bias, as the official CenterNet's do.</summary>
    public bool DcnBias { get; init; }

    internal override Neck Create(IReadOnlyList<int> inputs) => new CtResNetNeck(this, inputs[^1]);

    internal override int OutputChannels(IReadOnlyList<int> inputs) => Filters[^1];

    /// <exception cref="ConfigException">It contradicts itself or is out of range.</exception>
    internal void Validate() {
        if (Filters.Count is < 1 or > MostStages || Kernels.Count != Filters.Count
            || Filters.Any(filters => filters is < 1 or > MostChannels) || Kernels.Any(kernel => kernel is < 2 or > MostKernel)) {
            throw new ConfigException($"CTResNetNeck: filters [{string.Join(", ", Filters)}] and kernels [{string.Join(", ", Kernels)}] "
                + $"must be as many, 1 to {MostStages}, of up to {MostChannels} channels and 2 to {MostKernel} pixels.");
        }
        if (DcnBias && Dcn is not { Modulated: true }) throw new ConfigException("CTResNetNeck: only DCNv2 may have a bias.");
    }
}
