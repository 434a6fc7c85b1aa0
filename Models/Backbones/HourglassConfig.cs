namespace DenseEngine.Models;

/// <summary>Stacked hourglasses as a backbone. Defaults are mmdetection's, those of Hourglass-104.</summary>
public sealed record HourglassConfig : BackboneConfig {
    private const int MostTimes = 8, MostStacks = 8, MostChannels = 4096, MostBlocks = 64;   // bounds on what a file can allocate

    /// <summary>How often an hourglass halves its map (<c>downsample_times</c>).</summary>
    public int DownsampleTimes { get; init; } = 5;

    /// <summary>Hourglasses one after the other (<c>num_stacks</c>): 1 in Hourglass-52, 2 in Hourglass-104.</summary>
    public int Stacks { get; init; } = 2;

    /// <summary>Channels at each depth, the finest first; one more than <see cref="DownsampleTimes"/> at least.</summary>
    public IReadOnlyList<int> StageChannels { get; init; } = [256, 256, 384, 384, 384, 512];

    /// <summary>Residual blocks at each depth.</summary>
    public IReadOnlyList<int> StageBlocks { get; init; } = [2, 2, 2, 2, 2, 4];

    /// <summary>Channels of each stack's map (<c>feat_channel</c>).</summary>
    public int FeatChannels { get; init; } = 256;

    /// <summary>Whether the batch norms outside the hourglasses are trained; mmdetection hands its <c>norm_cfg</c> to those
    /// alone.</summary>
    public bool NormTrains { get; init; } = true;

    internal override Backbone Create() => new HourglassNet(this);

    internal void Validate() {
        if (DownsampleTimes is < 1 or > MostTimes || Stacks is < 1 or > MostStacks)
            throw new ConfigException(
                $"Hourglass: {Stacks} stacks that halve {DownsampleTimes} times; 1 to {MostStacks} of 1 to {MostTimes} are possible.");
        if (StageChannels.Count != StageBlocks.Count || StageChannels.Count <= DownsampleTimes) {
            throw new ConfigException($"Hourglass: {StageChannels.Count} stage channels and {StageBlocks.Count} stage blocks; halving "
                + $"{DownsampleTimes} times needs at least {DownsampleTimes + 1} of each.");
        }
        if (StageChannels.Append(FeatChannels).Any(channels => channels is < 1 or > MostChannels) || StageChannels[0] < 2
            || StageBlocks.Any(blocks => blocks is < 1 or > MostBlocks)) {
            throw new ConfigException($"Hourglass: stage channels [{string.Join(", ", StageChannels)}] and feat channels {FeatChannels} "
                + $"must be from 1 to {MostChannels}, 2 at least the first, stage blocks [{string.Join(", ", StageBlocks)}] from 1 to {MostBlocks}.");
        }
    }
}
