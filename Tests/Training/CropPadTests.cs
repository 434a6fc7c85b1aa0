using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Parts of training pictures and changed colours.</summary>
public class CropPadTests {
    /// <summary>Each pixel tells where it was: boxes must have moved along with it, and padding is filled.</summary>
    [Fact]
    public void Parts_keep_pixels_and_boxes_together() {
        Picture picture = Places(90, 70);
        var source = new TrainingPicture(1, "", [10, 12, 30, 40, 60, 50, 80, 66, 0, 0, 88, 68], [3, 4, 5], [50, 10, 70, 30]);
        var rule = new RandomCropPad { Width = 50, Height = 40, Ratios = [0.5, 1, 2], Fill = [7, 8, 9.6f] };
        var seen = new HashSet<(int, int)>();
        int objects = 0;
        for (ulong seed = 0; seed < 60; seed++) {
            (TrainingPicture left, Picture part) = PartOfPicture.Cut(rule, source, picture, new Philox(seed));
            seen.Add((part.Width, part.Height));
            (int across, int down)? shift = null;
            for (int y = 0; y < part.Height; y++) {
                for (int x = 0; x < part.Width; x++) {
                    ReadOnlySpan<byte> pixel = part.Pixels.AsSpan(3 * (y * part.Width + x), 3);
                    if (pixel.SequenceEqual((ReadOnlySpan<byte>)[7, 8, 10])) continue;
                    shift ??= (x - pixel[0], y - pixel[1]);
                    Assert.Equal((shift.Value.across, shift.Value.down, 200), (x - pixel[0], y - pixel[1], pixel[2]));
                }
            }
            Assert.NotNull(shift);
            Assert.NotEmpty(left.Labels);
            foreach ((float[] box, int label) in left.Boxes.Chunk(4).Zip(left.Labels)) {
                float[] was = source.Boxes[(4 * (label - 3))..(4 * (label - 2))];
                (int across, int down) = shift.Value;
                float[] moved = [was[0] + across, was[1] + down, was[2] + across, was[3] + down];
                Assert.Equal([.. moved.Select((side, i) => Math.Clamp(side, 0, i % 2 == 0 ? part.Width : part.Height))], box);
                Assert.True(box[0] < box[2] && box[1] < box[3]);
                objects++;
            }
        }
        Assert.Equal([(25, 20), (50, 40), (100, 80)], seen.Order());
        Assert.InRange(objects, 61, 179);   // not all, and not one each
    }

    /// <summary>A picture whose objects' middles lie outside of it has no good part; it is not looked for forever.</summary>
    [Fact]
    public void Objects_that_no_part_can_hold_are_left_out() {
        var source = new TrainingPicture(1, "", [-50, 0, 10, 10], [0], []);
        var rule = new RandomCropPad { Width = 9, Height = 9 };
        (TrainingPicture left, Picture part) = PartOfPicture.Cut(rule, source, Places(30, 30), new Philox(1));
        Assert.Empty(left.Labels);
        Assert.True(part.Width is 8 or 9);
        source = source with { Boxes = [], Labels = [] };
        Assert.Empty(PartOfPicture.Cut(new RandomCropPad(), source, Places(30, 30), new Philox(1)).Source.Boxes);
    }

    /// <summary>By hand: red (0°) turned by 60° is yellow; half the saturation brings the low samples halfway up; grey has no
    /// hue.</summary>
    [Fact]
    public void Colors_follow_the_hue_circle() {
        byte[] pixels = [0, 0, 200, 100, 100, 100, 40, 200, 40];
        var only = new ColorDistortion(0, 1, 1, 0.5f, 0.5f, 0);
        Assert.Equal<byte[]>([[100, 100, 200, 100, 100, 100, 120, 200, 120], pixels], Kinds(only, pixels));
        byte[] turned = [0, 200, 200, 100, 100, 100, 200, 200, 40];
        byte[][] hues = Kinds(new ColorDistortion(0, 1, 1, 1, 1, 60), pixels);
        Assert.True(hues.Length > 20);   // anything from -60° to 60°
        Assert.All(hues, each => Assert.Equal((200, 100, 200), (each[2], each[4], each[7])));
        Assert.All(hues, each => Assert.True(each[0] == 0 || each[1] == 0));
        Assert.Contains(hues, each => Math.Abs(each[1] - turned[1]) < 30);
        Assert.Equal(2, Kinds(new ColorDistortion(0, 0.5f, 0.5f, 1, 1, 0), pixels).Length);
        Assert.Contains(Kinds(new ColorDistortion(0, 0.5f, 0.5f, 1, 1, 0), pixels), each => each is [0, 0, 100, 50, 50, 50, 20, 100, 20]);
        Assert.All(Kinds(new ColorDistortion(255, 1, 1, 1, 1, 0), pixels), each => Assert.True(each[2] >= each[0]));
    }

    /// <summary>All outcomes that leave the channels' order as it is.</summary>
    private static byte[][] Kinds(ColorDistortion rule, byte[] pixels) => [.. Enumerable.Range(0, 400)
        .Select(seed => Colors.Distort(rule, new Picture(3, 1, (byte[])pixels.Clone()), new Philox((ulong)seed)).Pixels)
        .Where(each => each[2] >= each[1] && each[2] >= each[0] && each[7] >= each[6] && each[7] >= each[8])
        .DistinctBy(Convert.ToHexString).OrderBy(each => each[0] == pixels[0] && each[1] == pixels[1])];

    private static Picture Places(int width, int height) {
        var picture = new Picture(width, height);
        for (int i = 0; i < width * height; i++)
            (picture.Pixels[3 * i], picture.Pixels[3 * i + 1], picture.Pixels[3 * i + 2]) = ((byte)(i % width), (byte)(i / width), 200);
        return picture;
    }
}
