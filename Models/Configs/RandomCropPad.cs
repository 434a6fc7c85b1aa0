namespace DenseEngine.Models;

/// <summary>Cuts a part around a random place out of each training picture, and pads it where the picture ends (mmdetection's
/// <c>RandomCenterCropPad</c>; Law and Deng, CornerNet, 2018).</summary>
public sealed record RandomCropPad {
    private const int MostSide = 1 << 14, MostRatios = 100;

    /// <summary>Columns of the part before it is scaled.</summary>
    public int Width { get; init; } = 511;

    /// <summary>Rows.</summary>
    public int Height { get; init; } = 511;

    /// <summary>What both are multiplied by: one of these, each as likely.</summary>
    public IReadOnlyList<double> Ratios { get; init; } = [0.9, 1, 1.1];

    /// <summary>How far from the picture's edges its middle stays, in pixels; less in small pictures.</summary>
    public int Border { get; init; } = 128;

    /// <summary>Blue, green and red of the padding, from 0 to 255.</summary>
    public IReadOnlyList<float> Fill { get; init; } = [0, 0, 0];

    /// <exception cref="ConfigException">A value is out of range.</exception>
    internal void Validate() {
        if (Width is < 1 or > MostSide || Height is < 1 or > MostSide || Border is < 0 or > MostSide || Ratios.Count is 0 or > MostRatios
            || Ratios.Any(ratio => !(ratio is > 0 and <= 16 && (int)(Width * ratio) >= 1 && (int)(Height * ratio) >= 1))
            || Fill.Count != 3 || Fill.Any(value => !(value is >= 0 and <= 255))) {
            throw new ConfigException($"Training: a crop of {Width}×{Height} pixels with a border of {Border} must have sides from 1 to "
                + $"{MostSide}, 1 to {MostRatios} ratios above 0 and up to 16, three fill values from 0 to 255.");
        }
    }
}
