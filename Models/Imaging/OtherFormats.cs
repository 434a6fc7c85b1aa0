#if IMAGESHARP
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;
#endif

namespace DenseEngine.Models;

/// <summary>Formats without a decoder of our own: named by their first bytes, and read through ImageSharp where that is built in, as are
/// JPEG files written. Their pixels are ImageSharp's; of an animation the first frame is taken, alpha is dropped.</summary>
internal static class OtherFormats {
    /// <summary>The format that a file's first bytes say, among those without a decoder of our own; null if they say none.</summary>
    public static string? Name(ReadOnlySpan<byte> file) {
        if (file.StartsWith("GIF8"u8)) return "GIF";
        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8)
            || file.StartsWith("MM\0+"u8)) return "TIFF";
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..12].SequenceEqual("WEBP"u8)) return "WebP";
        if (file.StartsWith("qoif"u8)) return "QOI";
        if (file.EndsWith("TRUEVISION-XFILE.\0"u8)) return "TGA";
        if (file.Length >= 3 && file.StartsWith("P7"u8) && char.IsWhiteSpace((char)file[2])) return "PAM";
        if (file.StartsWith("\0\0\0\x0CjP  "u8) || file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51])) return "JPEG 2000";
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || file.StartsWith("\0\0\0\x0CJXL "u8)) return "JPEG XL";
        if (file.Length < 12 || !file[4..8].SequenceEqual("ftyp"u8)) return null;
        return file[8..12].StartsWith("avi"u8) ? "AVIF" : file[8..12].StartsWith("he"u8) || file[8..12].StartsWith("mif"u8) ? "HEIF" : null;
    }

#if IMAGESHARP
    private const long BytesPerPixel = 16;   // what a decoder may take for a pixel, over all its buffers

    public static bool BuiltIn => true;

    public static Picture Decode(ReadOnlySpan<byte> file, string name, int maxPixels) {
        try {
            Configuration configuration = Configuration.Default.Clone();
            configuration.MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions {
                AllocationLimitMegabytes = (int)Math.Min(4096, 16 + (maxPixels * BytesPerPixel >> 20)),
            });
            var options = new DecoderOptions { Configuration = configuration, MaxFrames = 1 };
            var info = Image.Identify(options, file);
            Picture.CheckStated(info.Width, info.Height, maxPixels);
            using Image<Bgr24> image = Image.Load<Bgr24>(options, file);
            image.Mutate(turned => turned.AutoOrient());
            Picture picture = Picture.Unwritten(image.Width, image.Height);
            image.CopyPixelDataTo(picture.Pixels);
            return picture;
        } catch (UnknownImageFormatException failure) {
            throw new ImageException($"The picture is a {name} file, a format that is not read.", failure);
        } catch (Exception failure) when (failure is not (ImageException or OutOfMemoryException)) {
            // Whatever another library throws at a damaged file.
            throw new ImageException($"The {name} file cannot be decoded: {OneLine(failure.Message)}", failure);
        }
    }

    public static byte[] EncodeJpeg(Picture picture, int quality) {
        using var image = Image.LoadPixelData<Bgr24>(picture.Pixels, picture.Width, picture.Height);
        using var file = new MemoryStream();
        image.SaveAsJpeg(file, new JpegEncoder { Quality = quality });
        return file.ToArray();
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
#else
    public static bool BuiltIn => false;

    public static Picture Decode(ReadOnlySpan<byte> file, string name, int maxPixels) =>
        throw new ImageException($"The picture is a {name} file; this build reads {PictureFormats.Own} (ImageSharp is not built in).");

    public static byte[] EncodeJpeg(Picture picture, int quality) =>
        throw new ImageException("JPEG files are written through ImageSharp, which is not built in; PNG files are written.");
#endif
}
