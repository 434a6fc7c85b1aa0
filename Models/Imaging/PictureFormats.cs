namespace DenseEngine.Models;

/// <summary>Tells picture formats apart by their first bytes and hands them to their decoders.</summary>
internal static class PictureFormats {
    /// <summary>The formats with a decoder of our own, for messages.</summary>
    public const string Own = "JPEG, PNG, BMP and PNM";

    public static Picture Decode(ReadOnlySpan<byte> file, int maxPixels) {
        if (file.StartsWith(PngHeader.Signature)) return PngDecoder.Decode(file, maxPixels);
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return JpegDecoder.Decode(file, maxPixels);
        if (file.StartsWith("BM"u8)) return BmpDecoder.Decode(file, maxPixels);
        if (IsPnm(file)) return PnmDecoder.Decode(file, maxPixels);
        if (file.IsEmpty) throw new ImageException("The file is empty, not a picture.");
        if (file.Length >= 4 && file[1..4].SequenceEqual("PNG"u8))
            throw new ImageException("The PNG signature is damaged, as by a transfer that converts line endings.");
        if (Name(file) is { } name) return OtherFormats.Decode(file, name, maxPixels);
        throw new ImageException("The file is not a picture of a known format.");
    }

    /// <summary>The format that a file's first bytes say, whether it is read or not; null if they say none.</summary>
    public static string? Name(ReadOnlySpan<byte> file) {
        if (file.StartsWith(PngHeader.Signature)) return "PNG";
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "JPEG";
        if (file.StartsWith("BM"u8)) return "BMP";
        return IsPnm(file) ? "PNM" : OtherFormats.Name(file);
    }

    private static bool IsPnm(ReadOnlySpan<byte> file) =>
        file.Length >= 3 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'6' && file[2] is 32 or (>= 9 and <= 13);
}
