using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Picture files of all formats: OpenCV's pixels, or a refusal in one line.</summary>
public class PictureFileTests {
    public static TheoryData<string, string> Sound() {
        var names = new TheoryData<string, string>();
        foreach (string group in (string[])["images", "pictures", "jpegs"])
            foreach (string name in PictureFixtures.Listed(group, _ => true)) names.Add(group, name);
        return names;
    }

    public static TheoryData<string> Broken() => [.. PictureFixtures.Listed("images/broken", _ => true)];

    [Theory, MemberData(nameof(Sound))]
    public void Pixels_are_those_of_opencv(string group, string name) {
        string path = PictureFixtures.Locate(group, name);
        Picture picture = Picture.Load(path);
        (int[] shape, byte[] pixels) = PictureFixtures.Bytes(
            Path.Combine(Path.GetDirectoryName(path)!, "pixels.safetensors"), Path.GetFileName(path));
        Assert.Equal([shape[0], shape[1], 3], [picture.Height, picture.Width, shape[2]]);
        Assert.Equal(pixels, picture.Pixels);
        using FileStream stream = File.OpenRead(path);
        Assert.Equal(pixels, Picture.Load(stream).Pixels);
    }

    [Theory, MemberData(nameof(Broken))]
    public void Broken_files_are_refused_in_one_line_that_names_them(string name) {
        string path = PictureFixtures.Locate("images/broken", name);
        JsonElement row = PictureFixtures.Expected(Path.GetDirectoryName(path)!).GetProperty(Path.GetFileName(path));
        string outcome = row.GetProperty("outcome").GetString()!;
        Exception? refusal = Record.Exception(() => Picture.Load(path));
        if (refusal is null) {
            Assert.Contains("accept", outcome, StringComparison.Ordinal);
            return;
        }
        Assert.Contains("refuse", outcome, StringComparison.Ordinal);
        Assert.StartsWith(path + ": ", Assert.IsType<ImageException>(refusal).Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory, MemberData(nameof(Broken))]
    public void Broken_files_cost_little_memory(string name) {
        string path = PictureFixtures.Locate("images/broken", name);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = Record.Exception(() => Picture.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Theory, InlineData("gif.gif", "GIF"), InlineData("webp.webp", "WebP")]
    public void Formats_of_others_are_read_through_imagesharp_or_named(string name, string format) {
        string path = PictureFixtures.Locate("images/broken", name);
        if (OtherFormats.BuiltIn) {
            Assert.Equal((1, 1), (Picture.Load(path).Width, Picture.Load(path).Height));
        } else {
            Assert.Equal($"{path}: The picture is a {format} file; this build reads JPEG, PNG, BMP and PNM (ImageSharp is not built in).",
                Assert.Throws<ImageException>(() => Picture.Load(path)).Message);
        }
    }

    [Theory, InlineData("P7\nWIDTH 1", "PAM"), InlineData("\0\0\0 ftypavif\0\0", "AVIF"), InlineData("\0\0\0 ftypheic\0\0", "HEIF"),
        InlineData("II*\0\0\0", "TIFF"), InlineData("qoif\0\0", "QOI")]
    public void Formats_that_are_not_read_are_named(string start, string format) {
        byte[] file = System.Text.Encoding.Latin1.GetBytes(start);
        Assert.Equal(format, Picture.FormatOf(file));
        Assert.Contains($" {format} file", Assert.Throws<ImageException>(() => Picture.Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jpeg_files_are_written_through_imagesharp_or_refused() {
        using var folder = new TemporaryFolder();
        var picture = new Picture(20, 10);
        picture.Pixels.AsSpan().Fill(200);
        if (OtherFormats.BuiltIn) {
            picture.SaveJpeg(folder["picture.jpg"], quality: 95);
            Assert.Equal("JPEG", Picture.FormatOf(File.ReadAllBytes(folder["picture.jpg"])));
        } else {
            Assert.Contains("ImageSharp", Assert.Throws<ImageException>(() => picture.SaveJpeg(folder["picture.jpg"])).Message,
                StringComparison.Ordinal);
        }
        Assert.Throws<ImageException>(() => picture.SaveJpeg(folder["picture.jpg"], quality: 101));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_refused_by_name() {
        string folder = Path.GetTempPath(), missing = Path.Combine(folder, "no such folder", "picture.png");
        Assert.StartsWith(missing, Assert.Throws<ImageException>(() => Picture.Load(missing)).Message, StringComparison.Ordinal);
        Assert.StartsWith(folder, Assert.Throws<ImageException>(() => Picture.Load(folder)).Message, StringComparison.Ordinal);
        var picture = new Picture(2, 2);
        Assert.StartsWith(missing, Assert.Throws<ImageException>(() => picture.SavePng(missing)).Message, StringComparison.Ordinal);
    }
}
