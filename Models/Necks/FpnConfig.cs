namespace DenseEngine.Models;

/// <summary>What the levels beyond the backbone's are computed from.</summary>
public enum ExtraLevels {
    /// <summary>The last output, every second pixel; no weights.</summary>
    Subsample,

    /// <summary>A convolution of the backbone's last map.</summary>
    OnInput,

    /// <summary>A convolution of the last lateral map.</summary>
    OnLateral,

    /// <summary>A convolution of the last output.</summary>
    OnOutput,
}

/// <summary>A feature pyramid. Defaults are mmdetection's; the backbone's channels come from the backbone.</summary>
public sealed record FpnConfig {
    /// <summary>Channels of every level.</summary>
    public int OutChannels { get; init; } = 256;

    /// <summary>The number of levels.</summary>
    public int Levels { get; init; } = 5;

    /// <summary>The first of the backbone's maps that is used.</summary>
    public int StartLevel { get; init; }

    /// <summary>The last of the backbone's maps that is used; -1 for its last.</summary>
    public int EndLevel { get; init; } = -1;

    /// <summary>Where further levels come from (<c>add_extra_convs</c>).</summary>
    public ExtraLevels ExtraLevels { get; init; }

    /// <summary>Whether a ReLU stands before each further convolution but the first.</summary>
    public bool ReluBeforeExtraConvs { get; init; }

    /// <summary>The norm behind the convolutions, or null.</summary>
    public NormConfig? Norm { get; init; }

    /// <summary>Leaves the norm out behind the lateral convolutions.</summary>
    public bool NoNormOnLateral { get; init; }

    /// <summary>Whether a ReLU ends each convolution (<c>act_cfg</c>).</summary>
    public bool Relu { get; init; }

    /// <summary>What balances the levels, or null for nothing.</summary>
    public BfpConfig? Balance { get; init; }

    /// <summary>The neck, to be initialised or loaded: a pyramid, and what balances it behind it.</summary>
    /// <param name="inputs">The channels of the backbone's maps, finest first.</param>
    /// <exception cref="ConfigException">The levels do not fit the maps.</exception>
    public Neck Create(IReadOnlyList<int> inputs) {
        var pyramid = new Fpn(this, inputs);
        return Balance is null ? pyramid : new NeckSequence(pyramid, new Bfp(Balance, OutChannels, Levels));
    }
}
