namespace DenseEngine.Models;

public sealed partial class Picture {
    // OpenCV's own limit (CV_IO_MAX_IMAGE_WIDTH and _HEIGHT).
    private const int LongestSide = 1 << 20;

    /// <summary>Which formats this build reads, in words.</summary>
    public static string Formats => OtherFormats.BuiltIn
        ? $"{PictureFormats.Own}; GIF, TIFF, WebP, QOI and TGA through ImageSharp" : $"{PictureFormats.Own} (ImageSharp is not built in)";

    /// <summary>Reads a picture file; its content decides the format, not its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The most pixels that the file may have; checked before memory is taken for them.</param>
    /// <exception cref="ImageException">
    /// The file cannot be opened, is no picture or a broken one, has too many pixels or a format that is not read; the message names it.
    /// </exception>
    public static Picture Load(string path, int maxPixels = DefaultMaxPixels) {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try {
            return Load(File.ReadAllBytes(path), maxPixels);
        } catch (ImageException refusal) {
            throw new ImageException($"{path}: {refusal.Message}", refusal);
        } catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) {
            throw new ImageException($"{path}: the picture cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a picture from a stream, from where it stands to its end.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="maxPixels">The most pixels that the picture may have.</param>
    /// <exception cref="ImageException">As for a file.</exception>
    public static Picture Load(Stream stream, int maxPixels = DefaultMaxPixels) {
        ArgumentNullException.ThrowIfNull(stream);
        try {
            if (stream.CanSeek) {
                var rest = new byte[Math.Max(0, stream.Length - stream.Position)];
                return Load(rest.AsSpan(0, stream.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false)), maxPixels);
            }
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return Load(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), maxPixels);
        } catch (Exception failure) when (failure is IOException or OverflowException) {
            throw new ImageException($"The picture's stream cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a picture from a file's bytes.</summary>
    /// <param name="file">All bytes of a file.</param>
    /// <param name="maxPixels">The most pixels that the picture may have.</param>
    /// <exception cref="ImageException">As for a file.</exception>
    public static Picture Load(ReadOnlySpan<byte> file, int maxPixels = DefaultMaxPixels) => PictureFormats.Decode(file, maxPixels);

    /// <summary>The format that a file's first bytes say (<c>PNG</c>, <c>JPEG</c>, …), whether it can be read or not; null if they say
    /// none.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> file) => PictureFormats.Name(file);

    /// <summary>Writes the picture as a PNG file, all or nothing: a file beside it is renamed over what stood there before.</summary>
    /// <exception cref="ImageException">The file cannot be written.</exception>
    public void SavePng(string path) => WriteWhole(path, ToPng());

    /// <summary>Writes the picture as a JPEG file, all or nothing, where ImageSharp is built in.</summary>
    /// <param name="path">The file; what stood there before is replaced.</param>
    /// <param name="quality">From 1 to 100.</param>
    /// <exception cref="ImageException">The file cannot be written, or ImageSharp is not built in.</exception>
    public void SaveJpeg(string path, int quality = 90) {
        if (quality is < 1 or > 100) throw new ImageException($"A JPEG file's quality is from 1 to 100, not {quality}.");
        WriteWhole(path, OtherFormats.EncodeJpeg(this, quality));
    }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public byte[] ToPng() => PngEncoder.Encode(this);

    /// <summary>Refuses a size that a file states: a side below 1 or above 2^20 (as OpenCV does), or more pixels than the limit.</summary>
    internal static void CheckStated(long width, long height, int maxPixels) {
        if (width < 1 || height < 1) throw new ImageException($"The file states {width}x{height} pixels; at least 1x1 are needed.");
        if (width > LongestSide || height > LongestSide)
            throw new ImageException($"The file states {width}x{height} pixels; sides of up to {LongestSide} are read.");
        if (width * height > Math.Min(maxPixels, MaxPixels)) {
            throw new ImageException($"The file states {width}x{height} pixels, over the limit of {Math.Min(maxPixels, MaxPixels)} "
                + "(maxPixels).");
        }
    }

    private static void WriteWhole(string path, ReadOnlySpan<byte> bytes) {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = path + ".partial";
        try {
            using (FileStream file = File.Create(temporary)) file.Write(bytes);
            File.Move(temporary, path, overwrite: true);
        } catch (Exception failure) when (failure is IOException or UnauthorizedAccessException) {
            Discard(temporary);
            throw new ImageException($"{path}: the picture cannot be written: {failure.Message}", failure);
        }
    }

    private static void Discard(string temporary) {
        try {
            File.Delete(temporary);
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            // The error that led here says more.
        }
    }
}
