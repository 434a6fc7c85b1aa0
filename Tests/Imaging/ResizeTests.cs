using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

public class ResizeTests {
    public static TheoryData<string> Cases() => [.. Fixtures.Folders("resize").SelectMany(place =>
        Directory.GetDirectories(place.Folder).Order(StringComparer.Ordinal).Select(folder => place.Prefix + Path.GetFileName(folder)))];

    public static TheoryData<string> Rules() =>
        [.. Fixtures.Files("resize", "rescale_size.json").Select(file => file.Prefix + Path.GetFileName(file.Path))];

    [Theory, MemberData(nameof(Cases))]
    public void Bytes_are_those_of_opencv(string name) {
        string file = Path.Combine(PictureFixtures.Locate("resize", name), "case.safetensors");
        (int[] from, byte[] source) = PictureFixtures.Bytes(file, "in.image");
        (int[] to, byte[] expected) = PictureFixtures.Bytes(file, "out.output");
        var resized = new byte[expected.Length];
        BilinearResize.Apply(source, from[1], from[0], from[2], resized, to[1], to[0]);
        Assert.Equal(expected, resized);
        if (from[2] == 3) Assert.Equal(expected, new Picture(from[1], from[0], source).Resize(to[1], to[0]).Pixels);
    }

    // The rule pixel by pixel, without tables or vectors, at sizes where rows are many vectors long.
    [Theory, InlineData(97, 61, 211, 130), InlineData(640, 48, 133, 31), InlineData(5, 3, 333, 7), InlineData(200, 200, 100, 99),
        InlineData(64, 2, 65, 5),
        InlineData(2, 2, 17, 1), InlineData(1, 40, 64, 80), InlineData(300, 1, 1, 64), InlineData(100, 60, 50, 30), InlineData(3, 3, 4, 4)]
    public void Large_pictures_follow_the_rule(int width, int height, int newWidth, int newHeight) {
        var random = new Random(width + 31 * newWidth);
        foreach (int channels in (int[])[3, 1, 4]) {
            var source = new byte[width * height * channels];
            random.NextBytes(source);
            for (int i = 0; i < source.Length; i += 3) source[i] = (byte)(random.Next(2) * 255);
            var resized = new byte[newWidth * newHeight * channels];
            BilinearResize.Apply(source, width, height, channels, resized, newWidth, newHeight);
            Assert.Equal(Direct(source, width, height, channels, newWidth, newHeight), resized);
        }
    }

    [Theory, MemberData(nameof(Rules))]
    public void Keep_ratio_sizes_are_those_of_mmcv(string name) {
        string table = PictureFixtures.Locate("resize", name);
        int rows = 0;
        foreach (JsonElement row in JsonDocument.Parse(File.ReadAllBytes(table)).RootElement.GetProperty("rows").EnumerateArray()) {
            int width = row.GetProperty("width").GetInt32(), height = row.GetProperty("height").GetInt32();
            JsonElement scale = row.GetProperty("scale");
            ResizedSize size = scale.ValueKind == JsonValueKind.Array
                ? ResizeRule.KeepRatio(width, height, scale[0].GetInt32(), scale[1].GetInt32())
                : ResizeRule.KeepRatio(width, height, scale.GetDouble());
            JsonElement factors = row.GetProperty("scale_factor");
            var expected = new ResizedSize(row.GetProperty("new_width").GetInt32(), row.GetProperty("new_height").GetInt32(),
                factors[0].GetSingle(), factors[1].GetSingle());
            Assert.Equal(expected, size);
            rows++;
        }
        Assert.NotEqual(0, rows);
    }

    [Fact]
    public void Senseless_sizes_are_refused() {
        Assert.Throws<ImageException>(() => new Picture(2, 2).Resize(0, 2));
        Assert.Throws<ImageException>(() => ResizeRule.KeepRatio(0, 2, 10, 10));
        Assert.Throws<ImageException>(() => ResizeRule.KeepRatio(2, 2, 10, 0));
        Assert.Throws<ImageException>(() => ResizeRule.KeepRatio(2, 2, double.NaN));
        Assert.Throws<ImageException>(() => ResizeRule.KeepRatio(2, 2, 1e300));
        Assert.Equal(1, ResizeRule.KeepRatio(1000, 1, 100, 100).Height);
    }

    private static byte[] Direct(byte[] source, int width, int height, int channels, int newWidth, int newHeight) {
        var target = new byte[newWidth * newHeight * channels];
        for (int i = 0; i < target.Length; i++) {
            int c = i % channels, x = i / channels % newWidth, y = i / channels / newWidth;
            if (width == 2 * newWidth && height == 2 * newHeight) {
                target[i] = (byte)((At(2 * x, 2 * y) + At(2 * x + 1, 2 * y) + At(2 * x, 2 * y + 1) + At(2 * x + 1, 2 * y + 1) + 2) >> 2);
                continue;
            }
            (int sx, float fx) = Position(x, width, newWidth);
            if (sx < 0) (sx, fx) = (0, 0);
            if (sx >= width - 1) (sx, fx) = (width - 1, 0);
            (int sy, float fy) = Position(y, height, newHeight);
            int upper = Across(sy), lower = Across(sy + 1);
            target[i] = (byte)(((Weight(1 - fy) * (upper >> 4) >> 16) + (Weight(fy) * (lower >> 4) >> 16) + 2) >> 2);

            int Across(int row) => At(sx, row) * Weight(1 - fx) + At(sx + 1, row) * Weight(fx);
            int At(int column, int row) => source[(Math.Clamp(row, 0, height - 1) * width + Math.Min(column, width - 1)) * channels + c];
        }
        return target;
    }

    private static (int, float) Position(int d, int size, int newSize) {
        double inverse = (double)newSize / size;
        float f = (float)((d + 0.5) * (1.0 / inverse) - 0.5);
        int s = (int)Math.Floor(f);
        return (s, f - s);
    }

    private static int Weight(float w) => (int)Math.Round(w * 2048, MidpointRounding.ToEven);
}
