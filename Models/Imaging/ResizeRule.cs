namespace DenseEngine.Models;

/// <summary>A size to resize to, and the factors by which boxes must be multiplied to follow.</summary>
/// <param name="Width">New columns.</param>
/// <param name="Height">New rows.</param>
/// <param name="ScaleX">New width over old width, rounded to float32: not the factor that was asked for.</param>
/// <param name="ScaleY">New height over old height, likewise.</param>
public readonly record struct ResizedSize(int Width, int Height, float ScaleX, float ScaleY);

/// <summary>The rules by which the sizes of pictures are chosen (mmcv's <c>rescale_size</c> and <c>imrescale</c>).</summary>
public static class ResizeRule {
    /// <summary>The largest size of the same proportions of which neither side exceeds its limit:
    /// longer to longer, shorter to shorter.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="limitA">One limit in pixels, 1333 say.</param>
    /// <param name="limitB">The other one, 800 say; which of them is larger does not matter.</param>
    /// <exception cref="ImageException">A size or limit below 1.</exception>
    public static ResizedSize KeepRatio(int width, int height, int limitA, int limitB) {
        if (limitA < 1 || limitB < 1) throw new ImageException($"Resizing needs limits of at least 1 pixel, not {limitA} and {limitB}.");
        int longer = Math.Max(limitA, limitB), shorter = Math.Min(limitA, limitB);
        return KeepRatio(width, height, Math.Min((double)longer / Math.Max(width, height), (double)shorter / Math.Min(width, height)));
    }

    /// <summary>Both sides by a factor, rounded half up.</summary>
    /// <exception cref="ImageException">A size below 1, or a factor that is not above 0 or leads to no possible picture.</exception>
    public static ResizedSize KeepRatio(int width, int height, double factor) {
        if (width < 1 || height < 1 || !(factor > 0) || !(Math.Max(width, height) * factor < Picture.MaxPixels))
            throw new ImageException($"Resizing needs at least 1x1 pixels and a possible factor, not {width}x{height} and {factor}.");
        // Differs from mmcv: a side that rounds to nothing keeps one pixel; there the resize would fail.
        int newWidth = Math.Max(1, (int)(width * factor + 0.5)), newHeight = Math.Max(1, (int)(height * factor + 0.5));
        return new ResizedSize(newWidth, newHeight, (float)((double)newWidth / width), (float)((double)newHeight / height));
    }
}
