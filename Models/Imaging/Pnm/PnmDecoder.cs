namespace DenseEngine.Models;

/// <summary>Reads the netpbm formats P1 to P6 (bit maps, grey and colour pictures, as text or bytes) into blue, green, red bytes, as OpenCV
/// 4.6 does: numbers in text are scaled to the maximum, bytes are not; of 16 bits the upper eight are kept.</summary>
internal static class PnmDecoder {
    private const int MostLevels = 65535;

    public static Picture Decode(ReadOnlySpan<byte> file, int maxPixels) {
        int kind = file[1] - '0', at = 2;
        bool text = kind <= 3, bits = kind is 1 or 4;
        int channels = kind is 3 or 6 ? 3 : 1;
        int width = Number(file, ref at), height = Number(file, ref at), most = bits ? 1 : Number(file, ref at);
        if (most is 0 or > MostLevels)
            throw new ImageException($"The PNM header states a maximum of {most}; it must be from 1 to {MostLevels}.");
        Picture.CheckStated(width, height, maxPixels);
        int sampleBytes = most > 255 ? 2 : 1;
        long row = bits ? ((long)width + 7) / 8 : (long)width * channels * sampleBytes;
        // In text a sample has a digit and, but for bits, something behind it.
        long needed = text ? (long)width * height * channels * (bits ? 1 : 2) : row * height;
        if (needed > file.Length - at)
            throw new ImageException(
                $"The PNM header states {width}x{height} pixels, more than the {file.Length - at} bytes behind it hold.");
        Picture picture = Picture.Unwritten(width, height);
        if (text) Text(file, at, channels, bits, most, picture.Pixels);
        else if (bits) Bits(file[at..], width, (int)row, picture.Pixels);
        else Bytes(file[at..], channels, sampleBytes, picture.Pixels);
        return picture;
    }

    private static void Text(ReadOnlySpan<byte> file, int at, int channels, bool bits, int most, Span<byte> pixels) {
        for (int i = 0; i < pixels.Length; i += 3) {
            for (int channel = 0; channel < channels; channel++) {
                int number = Number(file, ref at, bits ? 1 : int.MaxValue);
                int value = bits ? (number == 0 ? 255 : 0) : most > 255 ? Math.Min(number, most) >> 8 : Math.Min(number, most) * 255 / most;
                Put(pixels, i, channel, channels, (byte)value);
            }
        }
    }

    private static void Bits(ReadOnlySpan<byte> data, int width, int row, Span<byte> pixels) {
        for (int i = 0; 3 * i < pixels.Length; i++) {
            int x = i % width;
            bool black = (data[i / width * row + x / 8] >> (7 - x % 8) & 1) != 0;
            pixels.Slice(3 * i, 3).Fill(black ? (byte)0 : (byte)255);
        }
    }

    private static void Bytes(ReadOnlySpan<byte> data, int channels, int sampleBytes, Span<byte> pixels) {
        for (int i = 0, at = 0; i < pixels.Length; i += 3)
            for (int channel = 0; channel < channels; channel++, at += sampleBytes) Put(pixels, i, channel, channels, data[at]);
    }

    /// <summary>Writes a sample: grey to all three, red, green and blue from the last to the first.</summary>
    private static void Put(Span<byte> pixels, int pixel, int channel, int channels, byte value) {
        if (channels == 1) pixels.Slice(pixel, 3).Fill(value);
        else pixels[pixel + 2 - channel] = value;
    }

    /// <summary>The next number, behind white space and comments; one more byte is used up behind its last digit.</summary>
    private static int Number(ReadOnlySpan<byte> file, ref int at, int mostDigits = int.MaxValue) {
        byte code = Next(file, ref at);
        while (!char.IsAsciiDigit((char)code)) {
            if (code == '#') {
                while (code is not ((byte)'\n' or (byte)'\r')) code = Next(file, ref at);
                code = Next(file, ref at);
            } else if (IsSpace(code)) {
                code = Next(file, ref at);
            } else {
                throw new ImageException($"The PNM file has a byte {code} at {at - 1} where a number should stand.");
            }
        }
        long value = 0;
        for (int digits = 1; ; digits++) {
            value = 10 * value + code - '0';
            if (value > int.MaxValue) throw new ImageException($"The PNM file has a number beyond {int.MaxValue} at byte {at - 1}.");
            if (digits >= mostDigits) return (int)value;
            code = Next(file, ref at);   // as for OpenCV, a number does not end with the file
            if (!char.IsAsciiDigit((char)code)) return (int)value;
        }
    }

    private static bool IsSpace(byte code) => code is 32 or (>= 9 and <= 13);

    private static byte Next(ReadOnlySpan<byte> file, ref int at) =>
        at < file.Length ? file[at++] : throw new ImageException("The PNM file ends before the picture is complete.");
}
