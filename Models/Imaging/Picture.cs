namespace DenseEngine.Models;

/// <summary>
/// A colour picture of 8 bits a sample: rows top to bottom, pixels left to right, samples in the order blue, green, red, without padding,
/// which is what OpenCV's <c>imread(IMREAD_COLOR)</c> gives.
/// </summary>
public sealed class Picture {
    /// <summary>The most pixels that a picture may have: 2^28, so that its bytes stay within one array.</summary>
    public const int MaxPixels = 1 << 28;

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

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The samples, [height, width, 3], blue first; writing to them changes the picture.</summary>
    public byte[] Pixels { get; }

    /// <summary>Reads a picture file; its content decides the format, not its name.</summary>
    /// <exception cref="ImageException">
    /// The file cannot be opened, is no picture or a broken one, or has a format that is not read; the message names it.
    /// </exception>
    public static Picture Load(string path) {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try {
            return Load(File.ReadAllBytes(path));
        } catch (ImageException refusal) {
            throw new ImageException($"{path}: {refusal.Message}", refusal);
        } catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) {
            throw new ImageException($"{path}: the picture cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a picture from a stream, up to the stream's end.</summary>
    /// <exception cref="ImageException">As for a file.</exception>
    public static Picture Load(Stream stream) {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        try {
            stream.CopyTo(bytes);
        } catch (IOException failure) {
            throw new ImageException($"The picture's stream cannot be read: {failure.Message}", failure);
        }
        return Load(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads a picture from a file's bytes.</summary>
    /// <exception cref="ImageException">As for a file.</exception>
    public static Picture Load(ReadOnlySpan<byte> file) => PictureFormats.Decode(file);

    /// <summary>The format that a file's first bytes say (<c>PNG</c>, <c>JPEG</c>, …), whether it can be read or not; null if they say
    /// none.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> file) => PictureFormats.Name(file);

    /// <summary>Writes the picture as a PNG file; what stood there before is replaced.</summary>
    /// <exception cref="ImageException">The file cannot be written.</exception>
    public void SavePng(string path) {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try {
            File.WriteAllBytes(path, ToPng());
        } catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) {
            throw new ImageException($"{path}: the picture cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public byte[] ToPng() => PngEncoder.Encode(this);

    /// <summary>A copy with its own pixels.</summary>
    public Picture Clone() => new(Width, Height, Pixels.AsSpan().ToArray());

    /// <summary>A mirrored copy: the left column becomes the right one.</summary>
    public Picture FlipHorizontally() => ExifOrientation.Apply(this, ExifOrientation.MirroredHorizontally);

    /// <summary>A bilinearly resized copy, byte for byte what OpenCV's <c>resize(INTER_LINEAR)</c> gives for 8-bit pictures.</summary>
    /// <exception cref="ImageException">A size below 1, or more than <see cref="MaxPixels"/>.</exception>
    public Picture Resize(int width, int height) {
        Picture resized = Unwritten(width, height);
        BilinearResize.Apply(Pixels, Width, Height, channels: 3, resized.Pixels, width, height);
        return resized;
    }

    /// <summary>A picture whose pixels are undefined, for a decoder to fill.</summary>
    internal static Picture Unwritten(int width, int height) =>
        new(width, height, GC.AllocateUninitializedArray<byte>(ByteCount(width, height)));

    /// <summary>Refuses sizes below 1 or above the limit.</summary>
    internal static void CheckSize(int width, int height) {
        if (width < 1 || height < 1) throw new ImageException($"A picture needs at least 1x1 pixels, not {width}x{height}.");
        if ((long)width * height > MaxPixels)
            throw new ImageException($"A picture of {width}x{height} pixels is over the limit of {MaxPixels} pixels.");
    }

    private static int ByteCount(int width, int height) {
        CheckSize(width, height);
        return width * height * 3;
    }
}
