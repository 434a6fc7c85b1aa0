using System.IO.Compression;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Pictures from memory, from streams of every kind, and the limit on pixels.</summary>
public class PictureLoadTests {
    // Widths below, at and above the vectors' steps; each pixel has its own value.
    [Theory, InlineData(PixelFormat.Bgr, 3, 0, 1, 2), InlineData(PixelFormat.Rgb, 3, 2, 1, 0), InlineData(PixelFormat.Bgra, 4, 0, 1, 2),
        InlineData(PixelFormat.Rgba, 4, 2, 1, 0), InlineData(PixelFormat.Gray, 1, 0, 0, 0)]
    public void Pixels_in_memory_are_taken_by_their_format(PixelFormat format, int bytes, int blue, int green, int red) {
        foreach (int width in (int[])[1, 3, 4, 5, 6, 8, 16, 17, 33]) {
            foreach (int gap in (int[])[0, 1, 7]) {
                const int height = 3;
                int stride = width * bytes + gap;
                var samples = new byte[stride * (height - 1) + width * bytes];
                new Random(width).NextBytes(samples);
                Picture picture = Picture.FromPixels(samples, width, height, format, gap == 0 ? 0 : stride);
                var expected = new byte[3 * width * height];
                for (int i = 0; i < width * height; i++) {
                    int at = i / width * stride + i % width * bytes;
                    (expected[3 * i], expected[3 * i + 1], expected[3 * i + 2]) =
                        (samples[at + blue], samples[at + green], samples[at + red]);
                }
                Assert.Equal(expected, picture.Pixels);
            }
        }
    }

    [Fact]
    public void Pixels_in_memory_that_cannot_be_are_refused() {
        Assert.Contains("11 were given",
            Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[11], 2, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("stride of 5",
            Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[99], 2, 2, PixelFormat.Rgb, 5)).Message,
                StringComparison.Ordinal);
        Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[99], 2, 2, PixelFormat.Rgb, -6));
        Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[99], 0, 2));
        Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[99], 2, 2, (PixelFormat)9));
        Assert.Throws<ImageException>(() => Picture.FromPixels(new byte[99], 1 << 15, 1 << 15, PixelFormat.Gray, int.MaxValue));
    }

    [Theory, InlineData("png_rgb8.png"), InlineData("bmp_24.bmp"), InlineData("bmp_8_rle.bmp"), InlineData("pnm_p6.ppm")]
    public void A_file_over_the_callers_limit_is_refused(string name) {
        byte[] file = File.ReadAllBytes(PictureFixtures.Locate("images", name));
        Picture picture = Picture.Load(file);
        int pixels = picture.Width * picture.Height;
        Assert.Equal(picture.Pixels, Picture.Load(file, pixels).Pixels);
        Assert.Equal(picture.Pixels, Picture.Load(new MemoryStream(file), int.MaxValue).Pixels);
        string message = Assert.Throws<ImageException>(() => Picture.Load(file, pixels - 1)).Message;
        Assert.Contains($"{picture.Width}x{picture.Height}", message, StringComparison.Ordinal);
        Assert.Contains($"limit of {pixels - 1}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_is_read_from_where_it_stands() {
        byte[] file = File.ReadAllBytes(PictureFixtures.Locate("images", "png_rgb8.png"));
        var seekable = new MemoryStream([1, 2, 3, .. file]) { Position = 3 };
        Assert.Equal(Picture.Load(file).Pixels, Picture.Load(seekable).Pixels);
        Assert.True(seekable.CanRead);
        using var unseekable = new DeflateStream(Deflated(file), CompressionMode.Decompress);
        Assert.Equal(Picture.Load(file).Pixels, Picture.Load(unseekable).Pixels);
    }

    [Fact]
    public void A_png_file_is_replaced_whole_or_not_at_all() {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "picture.png");
        new Picture(2, 2).SavePng(path);
        new Picture(3, 2).SavePng(path);
        Assert.Equal(3, Picture.Load(path).Width);
        Directory.CreateDirectory(path + ".partial");   // no place for the new file
        Assert.StartsWith(path, Assert.Throws<ImageException>(() => new Picture(4, 2).SavePng(path)).Message, StringComparison.Ordinal);
        Assert.Equal(3, Picture.Load(path).Width);
    }

    private static MemoryStream Deflated(byte[] bytes) {
        var target = new MemoryStream();
        using (var deflate = new DeflateStream(target, CompressionMode.Compress, leaveOpen: true))
            deflate.Write(bytes);
        target.Position = 0;
        return target;
    }
}
