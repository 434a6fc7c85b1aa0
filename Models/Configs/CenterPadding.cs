namespace DenseEngine.Models;

/// <summary>How the padded size of a side follows from its pixels.</summary>
public enum CenterPadRule {
    /// <summary>The lowest bits are set: the side | value.</summary>
    LogicalOr,

    /// <summary>The next multiple of the value.</summary>
    SizeDivisor,
}

/// <summary>Padding on all four sides, the picture's middle on the input's (mmdetection's <c>RandomCenterCropPad</c> in a test). Where an
/// odd side is padded to its own length, its last pixel is lost, as there.</summary>
public sealed record CenterPadding {
    private const int MostValue = 1023, MostAdded = 1024;

    /// <summary>How a side's size is found.</summary>
    public CenterPadRule Rule { get; init; }

    /// <summary>The bits that are set, 127 say, or the divisor.</summary>
    public int Value { get; init; } = 127;

    /// <summary>Pixels that are added to a side whose bits were set.</summary>
    public int AddedPixels { get; init; }

    /// <summary>Blue, green and red of the padding, from 0 to 255; they are normalised with the picture.</summary>
    public IReadOnlyList<float> Fill { get; init; } = [0, 0, 0];

    /// <summary>Of what all padded sides are multiples, but for added pixels; inputs of training are padded to it.</summary>
    internal int Divisor => Rule == CenterPadRule.SizeDivisor ? Value : Value + 1;

    /// <summary>A side's size with its padding.</summary>
    internal int Padded(int side) =>
        Rule == CenterPadRule.SizeDivisor ? Normalization.PaddedSize(side, side, Value).Width : checked((side | Value) + AddedPixels);

    /// <exception cref="ConfigException">A value is out of range.</exception>
    internal void Validate() {
        if (!Enum.IsDefined(Rule) || Value is < 1 or > MostValue || AddedPixels is < 0 or > MostAdded || Fill.Count != 3
            || Fill.Any(value => !float.IsFinite(value))) {
            throw new ConfigException($"Input: padding around the centre needs a value from 1 to {MostValue}, not {Value}, 0 to "
                + $"{MostAdded} added pixels, not {AddedPixels}, and three numbers to fill with.");
        }
    }
}
