using System.Buffers.Binary;
using System.IO.Compression;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

public class PngTests {
    [Fact]
    public void Files_cut_or_changed_anywhere_give_a_picture_or_an_image_exception() {
        int refused = 0;
        foreach (string name in (string[])["png_rgb8.png", "png_palette4_interlaced.png", "png_exif_6.png"]) {
            byte[] sound = File.ReadAllBytes(PictureFixtures.Locate("images", name));
            for (int i = 0; i < sound.Length; i++) {
                if (Record.Exception(() => Picture.Load(sound.AsSpan(0, i))) is not ImageException) Assert.Fail($"{name} cut at {i}");
                byte[] changed = [.. sound];
                changed[i] ^= (byte)(1 << i % 8);
                RestoreChecksums(changed);
                Exception? outcome = Record.Exception(() => Picture.Load(changed));
                if (outcome is not (null or ImageException)) Assert.Fail($"{name} changed at {i}: {outcome}");
                if (outcome is not null) refused++;
            }
        }
        Assert.InRange(refused, 100, int.MaxValue);
    }

    // Every filter on every pixel size, applied here byte by byte as the standard words it.
    [Theory, InlineData(0, 8, 1), InlineData(0, 16, 2), InlineData(2, 8, 3), InlineData(6, 8, 4), InlineData(2, 16, 6),
        InlineData(6, 16, 8)]
    public void Each_filter_is_undone(int kind, int depth, int step) {
        var random = new Random(5);
        const int width = 37, height = 15;
        var rows = new byte[height][];
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true)) {
            for (int y = 0; y < height; y++) {
                rows[y] = new byte[width * step];
                random.NextBytes(rows[y]);
                int filter = y % 5;
                deflate.WriteByte((byte)filter);
                for (int i = 0; i < rows[y].Length; i++) {
                    int a = i < step ? 0 : rows[y][i - step], b = y == 0 ? 0 : rows[y - 1][i];
                    int c = i < step || y == 0 ? 0 : rows[y - 1][i - step];
                    int p = a + b - c;
                    int nearest = new[] { a, b, c }.MinBy(v => Math.Abs(p - v));
                    deflate.WriteByte((byte)(rows[y][i] - filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => nearest, _ => 0 }));
                }
            }
        }
        Picture picture = Picture.Load(Png(width, height, depth, kind, data.ToArray()));
        int sample = depth / 8;
        for (int i = 0; i < width * height; i++) {
            byte[] row = rows[i / width];
            int at = i % width * step;
            (int red, int green, int blue) = kind == 0 ? (0, 0, 0) : (0, sample, 2 * sample);
            Assert.Equal([row[at + blue], row[at + green], row[at + red]], picture.Pixels[(3 * i)..(3 * i + 3)]);
        }
    }

    [Theory, InlineData(1, 1), InlineData(3, 2), InlineData(10, 4), InlineData(11, 7), InlineData(33, 9), InlineData(160, 160),
        InlineData(1, 300)]
    public void What_is_written_reads_back(int width, int height) {
        var random = new Random(width * height);
        var picture = new Picture(width, height);
        random.NextBytes(picture.Pixels.AsSpan(0, picture.Pixels.Length / 2));
        for (int i = picture.Pixels.Length / 2; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(i / 7 + i % 5);
        Picture again = Picture.Load(picture.ToPng());
        Assert.Equal((width, height), (again.Width, again.Height));
        Assert.Equal(picture.Pixels, again.Pixels);
    }

    [Fact]
    public void Smooth_pictures_are_written_small() {
        var picture = new Picture(200, 100);
        for (int i = 0; i < 60000; i++)
            picture.Pixels[i] = (byte)((i % 3) switch { 0 => i / 3 % 200, 1 => i / 600 * 2, _ => i / 3 % 200 + i / 600 });
        Assert.InRange(picture.ToPng().Length, 1, 3000);
    }

    [Fact]
    public void Sizes_are_checked() {
        Assert.Contains("0x5", Assert.Throws<ImageException>(() => new Picture(0, 5)).Message, StringComparison.Ordinal);
        Assert.Contains("12 bytes", Assert.Throws<ImageException>(() => new Picture(2, 2, new byte[11])).Message, StringComparison.Ordinal);
        Assert.Contains("65536x65536", Assert.Throws<ImageException>(() => new Picture(65536, 65536)).Message, StringComparison.Ordinal);
    }

    private static byte[] Png(int width, int height, int depth, int kind, byte[] data) {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)depth, (byte)kind);
        byte[] file = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, data),
            .. Chunk("IEND"u8, [])];
        RestoreChecksums(file);
        return file;
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] body) =>
        [(byte)(body.Length >> 24), (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. type, .. body, 0, 0, 0, 0];

    // Bit by bit, so that the decoder's own checksum is tested against another one; gives up where lengths no longer make sense.
    private static void RestoreChecksums(byte[] file) {
        for (int at = 8; at + 12 <= file.Length;) {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12) return;
            uint crc = uint.MaxValue;
            foreach (byte value in file.AsSpan(at + 4, (int)length + 4)) {
                crc ^= value;
                for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
            }
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), ~crc);
            at += 12 + (int)length;
        }
    }
}
