namespace DenseEngine.Models;

/// <summary>
/// A colour picture of 8 bits a sample: rows top to bottom, pixels left to right, samples in the order blue, green, red, without padding,
/// which is what OpenCV's <c>imread(IMREAD_COLOR)</c> gives.
/// </summary>
public sealed partial class Picture {
    /// <summary>The most pixels that a picture may have: 2^28, so that its bytes stay within one array.</summary>
    public const int MaxPixels = 1 << 28;

    /// <summary>The most pixels that a file may state unless its caller says otherwise: 179 million, as in Pillow.</summary>
    public const int DefaultMaxPixels = 179_000_000;

    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ImageException">A size below 1, or more than <see cref="MaxPixels"/>.</exception>
    public Picture(int width, int height) : this(width, height, new byte[ByteCount(width, height)]) { }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">[height, width, 3] bytes, blue first.</param>
    /// <exception cref="ImageException">A size out of range, or an array of another length than width · height · 3.</exception>
    public Picture(int width, int height, byte[] pixels) {
        ArgumentNullException.ThrowIfNull(pixels);
        int needed = ByteCount(width, height);
        if (pixels.Length != needed)
            throw new ImageException($"A picture of {width}x{height} needs {needed} bytes (3 a pixel) but {pixels.Length} were given.");
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Copies pixels that lie in memory, of a camera say.</summary>
    /// <param name="samples">The rows, top to bottom, one every <paramref name="stride"/> bytes; the last one may end with its
    /// pixels.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel's bytes mean; an alpha byte is dropped, not blended.</param>
    /// <param name="stride">Bytes from one row to the next; 0 where rows lie without gaps.</param>
    /// <exception cref="ImageException">A size out of range, a stride below a row's bytes, or too few samples.</exception>
    public static Picture FromPixels(ReadOnlySpan<byte> samples, int width, int height, PixelFormat format = PixelFormat.Bgr,
        int stride = 0) {
        CheckSize(width, height);
        int bytes = PixelCopy.BytesPerPixel(format);
        long row = (long)width * bytes, step = stride == 0 ? row : stride;
        if (step < row) throw new ImageException($"Rows of {width} {format} pixels have {row} bytes, more than the stride of {stride}.");
        if (samples.Length < step * (height - 1) + row) {
            throw new ImageException($"{width}x{height} {format} pixels with a stride of {step} need {step * (height - 1) + row} bytes "
                + $"but {samples.Length} were given.");
        }
        Picture picture = Unwritten(width, height);
        for (int y = 0; y < height; y++)
            PixelCopy.ToBgr(samples.Slice((int)(y * step), (int)row), picture.Pixels.AsSpan(3 * width * y, 3 * width), format);
        return picture;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The samples, [height, width, 3], blue first; writing to them changes the picture.</summary>
    public byte[] Pixels { get; }

    /// <summary>A copy with its own pixels.</summary>
    public Picture Clone() => new(Width, Height, Pixels.AsSpan().ToArray());

    /// <summary>A mirrored copy: the left column becomes the right one.</summary>
    public Picture FlipHorizontally() => ExifOrientation.Apply(this, ExifOrientation.MirroredHorizontally);

    /// <summary>A bilinearly resized copy, byte for byte what OpenCV's <c>resize(INTER_LINEAR)</c> gives for 8-bit pictures.</summary>
    /// <exception cref="ImageException">A size below 1, or more than <see cref="MaxPixels"/>.</exception>
    public Picture Resize(int width, int height) {
        Picture resized = Unwritten(width, height);
        ResizeInto(resized);
        return resized;
    }

    /// <summary>The same into a picture that is there already: new memory costs more than the resize itself.</summary>
    /// <param name="target">Takes the pixels; its size is the new one. Not this picture itself.</param>
    public void ResizeInto(Picture target) =>
        BilinearResize.Apply(Pixels, Width, Height, channels: 3, target.Pixels, target.Width, target.Height);

    /// <summary>A picture whose pixels are undefined, for a decoder to fill.</summary>
    internal static Picture Unwritten(int width, int height) =>
        new(width, height, LargeArray.Bytes(ByteCount(width, height)));

    /// <summary>Refuses sizes below 1 or above the limit.</summary>
    private static void CheckSize(int width, int height) {
        if (width < 1 || height < 1) throw new ImageException($"A picture needs at least 1x1 pixels, not {width}x{height}.");
        if ((long)width * height > MaxPixels)
            throw new ImageException($"A picture of {width}x{height} pixels is over the limit of {MaxPixels} pixels.");
    }

    private static int ByteCount(int width, int height) {
        CheckSize(width, height);
        return width * height * 3;
    }
}
