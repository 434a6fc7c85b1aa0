namespace DenseEngine.Models;

/// <summary>What brings the maps of a DLA, each half as large as the one before, together at the finest one's size, as the official
/// CenterNet has it.</summary>
public sealed record DlaUpConfig : CenterNeckConfig {
    /// <summary>The maps, of those that were aggregated, that the last step uses; the coarsest is not among them.</summary>
    public int Used { get; init; } = 3;

    /// <summary>The deformable convolutions, or null for plain ones.</summary>
    public DcnConfig? Dcn { get; init; } = new(Modulated: true);

    internal override Neck Create(IReadOnlyList<int> inputs) {
        if (Used < 1 || Used > inputs.Count || inputs.Count < 2)
            throw new ConfigException($"DLAUp: {Used} maps cannot be used of the backbone's {inputs.Count}, which must be 2 at least.");
        if (Dcn is { Modulated: false })
            throw new ConfigException("DLAUp: its deformable convolutions have a bias, so they need a mask (DCNv2).");
        return new DlaUp(this, inputs);
    }

    internal override int OutputChannels(IReadOnlyList<int> inputs) => inputs[0];
}
