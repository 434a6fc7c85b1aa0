using System.Buffers;

namespace DenseEngine.Models;

/// <summary>How pictures become the input of a network. Defaults are mmdetection's for ImageNet weights of PyTorch's style.</summary>
public sealed record InputConfig {
    private const int MostSide = 1 << 16, MostPixels = 1 << 26, MostDivisor = 1024, MostScales = 16;
    private const double MostScale = 8;

    /// <summary>Subtracted from each channel, in units of 0 to 255, in the order of the network's channels.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [123.675f, 116.28f, 103.53f];

    /// <summary>Divides each channel.</summary>
    public IReadOnlyList<float> Std { get; init; } = [58.395f, 57.12f, 57.375f];

    /// <summary>Whether the channels are red, green, blue; else blue, green, red.</summary>
    public bool ToRgb { get; init; } = true;

    /// <summary>Pictures are padded to multiples of this.</summary>
    public int SizeDivisor { get; init; } = 32;

    /// <summary>The longer side that a picture is resized to at most, keeping its proportions.</summary>
    public int LongSide { get; init; } = 1333;

    /// <summary>The shorter side, likewise.</summary>
    public int ShortSide { get; init; } = 800;

    /// <summary>Factors of the picture's own size instead of the limits above: with several, detectors that can look at a picture at each
    /// of them; null for the limits.</summary>
    public IReadOnlyList<double>? ScaleFactors { get; init; }

    /// <summary>Padding on all sides instead of to the right and below, or null.</summary>
    public CenterPadding? CenterPad { get; init; }

    /// <summary>Whether detectors that can look at each picture a second time, mirrored.</summary>
    public bool FlipTest { get; init; }

    /// <summary>Bounds what a picture can take in memory: configurations come with files.</summary>
    internal void Validate() {
        if (LongSide is < 1 or > MostSide || ShortSide is < 1 or > MostSide || (long)LongSide * ShortSide > MostPixels
            || SizeDivisor is < 1 or > MostDivisor) {
            throw new ConfigException(
                $"Input: sides {LongSide} and {ShortSide} must be from 1 to {MostSide}, together at most {MostPixels} "
                + $"pixels, the divisor {SizeDivisor} from 1 to {MostDivisor}.");
        }
        if (ScaleFactors is { } factors && (factors.Count is 0 or > MostScales || factors.Any(factor => !(factor is > 0 and <= MostScale))))
            throw new ConfigException($"Input: 1 to {MostScales} scale factors above 0 are needed, at most {MostScale}.");
        CenterPad?.Validate();
        _ = new Normalization([.. Mean], [.. Std], ToRgb);
    }

    /// <summary>One for each scale factor, which has it alone.</summary>
    internal IReadOnlyList<InputConfig> Views() =>
        ScaleFactors is { Count: > 1 } factors ? [.. factors.Select(factor => this with { ScaleFactors = [factor] })] : [this];

    /// <summary>The place that a picture of some size would have in a batch.</summary>
    public ImageInfo Place(int pictureWidth, int pictureHeight) {
        ResizedSize size = Resized(pictureWidth, pictureHeight);
        if (CenterPad is { } pad) {
            (int across, int down) = (pad.Padded(size.Width), pad.Padded(size.Height));
            return new ImageInfo(size.Width, size.Height, across, down, size.ScaleX, size.ScaleY, across / 2 - size.Width / 2,
                down / 2 - size.Height / 2);
        }
        (int width, int height) = Normalization.PaddedSize(size.Width, size.Height, SizeDivisor);
        return new ImageInfo(size.Width, size.Height, width, height, size.ScaleX, size.ScaleY);
    }

    /// <summary>The batch of some pictures [N,H,W,3] and their places in it: resized, normalised, padded.</summary>
    /// <exception cref="ImageException">There are no pictures.</exception>
    public (Tensor Batch, ImageInfo[] Images) Prepare(IReadOnlyList<Picture> pictures, Device? device = null) {
        if (pictures.Count == 0) throw new ImageException("There are no pictures to make a batch of.");
        var normalization = new Normalization([.. Mean], [.. Std], ToRgb);
        ImageInfo[] images = [.. pictures.Select(picture => Place(picture.Width, picture.Height))];
        int width = images.Max(image => image.PaddedWidth), height = images.Max(image => image.PaddedHeight);
        var batch = new Tensor(HostDevice.Default, [images.Length, height, width, 3]);
        byte[] resized = ArrayPool<byte>.Shared.Rent(images.Max(image => checked(3 * image.Width * image.Height)));
        try {
            for (int i = 0; i < images.Length; i++) {
                CancelScope.ThrowIfCancelled();
                (ImageInfo image, Picture picture) = (images[i], pictures[i]);
                BilinearResize.Apply(picture.Pixels, picture.Width, picture.Height, channels: 3, resized, image.Width, image.Height);
                Span<float> target = batch.Span.Slice(3 * width * height * i, 3 * width * height);
                if (CenterPad is { } pad) normalization.WriteCentered(resized, image, [.. pad.Fill], target, width);
                else normalization.Write(resized, image.Width, image.Height, target, width, height);
            }
        } catch {
            batch.Dispose();
            throw;
        } finally {
            ArrayPool<byte>.Shared.Return(resized);
        }
        if (device is null || device == batch.Device) return (batch, images);
        Tensor there = batch.To(device);
        batch.Dispose();
        return (there, images);
    }

    /// <summary>With a factor the limits are its products with the sides, cut to whole pixels (mmdetection's <c>Resize</c>).</summary>
    private ResizedSize Resized(int width, int height) => ScaleFactors is not { } factors
        ? ResizeRule.KeepRatio(width, height, LongSide, ShortSide)
        : ResizeRule.KeepRatio(width, height, Math.Max(1, (int)(width * factors[0])), Math.Max(1, (int)(height * factors[0])));
}
