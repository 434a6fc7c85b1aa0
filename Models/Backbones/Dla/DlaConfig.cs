namespace DenseEngine.Models;

/// <summary>A network of deep layer aggregation as a backbone. Defaults are those of DLA-34.</summary>
public sealed record DlaConfig : BackboneConfig {
    private const int MostChannels = 4096, MostLevels = 6;

    /// <summary>Levels, each of which but the first halves the map, from the input's size on.</summary>
    internal const int Count = 6;

    /// <summary>The first two levels' convolutions, and the depths of the others' trees.</summary>
    public IReadOnlyList<int> Levels { get; init; } = [1, 1, 1, 2, 2, 1];

    /// <summary>Each level's channels.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32, 64, 128, 256, 512];

    /// <summary>The first level whose map is given; the last one's stride is 32.</summary>
    public int FirstOutput { get; init; } = 2;

    internal override Backbone Create() => new Dla(this);

    /// <exception cref="ConfigException">It contradicts itself or is out of range.</exception>
    internal void Validate() {
        if (Levels.Count != Count || Channels.Count != Count || Levels.Any(level => level is < 1 or > MostLevels)
            || Channels.Any(channels => channels is < 1 or > MostChannels) || FirstOutput is < 0 or >= Count) {
            throw new ConfigException($"DLA: {Count} levels of 1 to {MostLevels} are needed, not [{string.Join(", ", Levels)}], of 1 to "
                + $"{MostChannels} channels, not [{string.Join(", ", Channels)}], and a first output among them, not {FirstOutput}.");
        }
    }
}
