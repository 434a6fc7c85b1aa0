using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Padding around the picture, against mmdetection's rule written out pixel by pixel.</summary>
public class CenterPaddingTests {
    [Theory]
    [InlineData(57, 54, 1, 31, 1)]
    [InlineData(64, 33, 1, 31, 1)]     // a side of 64 grows by 32
    [InlineData(63, 31, 1, 31, 0)]     // sides that stay as they are lose their last pixel
    [InlineData(127, 50, 1, 127, 0)]
    [InlineData(40, 7, 0, 16, 5)]
    [InlineData(45, 9, 0, 15, 0)]
    public void Picture_lies_in_the_middle_of_its_normalised_fill(int width, int height, int isOr, int value, int added) {
        var pad = new CenterPadding {
            Rule = isOr == 1 ? CenterPadRule.LogicalOr : CenterPadRule.SizeDivisor,
            Value = value,
            AddedPixels = added,
            Fill = [7, 0, 103.53f],
        };
        var input = new InputConfig { ScaleFactors = [1], CenterPad = pad, Mean = [103.53f, 1, 2], Std = [2, 3, 4], ToRgb = true };
        byte[] pixels = [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i * 89 + i / 7))];
        (Tensor batch, ImageInfo[] images) = input.Prepare([new Picture(width, height, pixels)]);
        using Tensor made = batch;

        int across = Target(width), down = Target(height), left = across / 2 - width / 2, top = down / 2 - height / 2;
        Assert.Equal(new ImageInfo(width, height, across, down, 1, 1, left, top), Assert.Single(images));
        Assert.Equal(new Shape(1, down, across, 3), batch.Shape);
        float[] got = batch.ToArray();
        for (int y = 0; y < down; y++)
            for (int x = 0; x < across; x++)
                for (int c = 0; c < 3; c++) {
                    (int fromY, int fromX, int blueFirst) = (y - top, x - left, 2 - c);
                    // The original's slices end where the half of the target, from the middle of the picture, does.
                    bool inside = fromX >= 0 && fromX < Math.Min(width, width / 2 + across / 2) && fromY >= 0
                        && fromY < Math.Min(height, height / 2 + down / 2);
                    float one = inside ? pixels[3 * (fromY * width + fromX) + blueFirst] : pad.Fill[blueFirst];
                    Assert.Equal((float)((float)(one - input.Mean[c]) * (1.0 / input.Std[c])), got[3 * (y * across + x) + c]);
                }

        int Target(int side) => isOr == 1 ? (side | value) + added : (side + value - 1) / value * value;
    }

    [Fact]
    public void Pictures_of_several_sizes_share_a_batch() {
        var input = new InputConfig { ScaleFactors = [0.5], CenterPad = new() { Value = 31, Fill = [9, 9, 9] } };
        (Tensor batch, ImageInfo[] images) = input.Prepare([new Picture(100, 60, new byte[18000]), new Picture(40, 20, new byte[2400])]);
        using Tensor made = batch;
        Assert.Equal([new ImageInfo(50, 30, 63, 31, 0.5f, 0.5f, 6, 0), new ImageInfo(20, 10, 31, 31, 0.5f, 0.5f, 5, 10)], images);
        Assert.Equal(new Shape(2, 31, 63, 3), batch.Shape);
        float[] second = batch.ToArray()[(3 * 31 * 63)..];
        Assert.NotEqual(0, second[3 * 30 + 2]);   // the fill
        Assert.All(second.Chunk(3 * 63), row => Assert.All(row[(3 * 31)..], value => Assert.Equal(0, value)));   // behind its own padding
    }

    [Theory]
    [InlineData(0, 31, 0)]
    [InlineData(1, 1024, 0)]
    [InlineData(1, 31, -1)]
    [InlineData(7, 31, 0)]
    public void Values_out_of_range_are_refused(int rule, int value, int added) {
        var pad = new CenterPadding { Rule = (CenterPadRule)rule, Value = rule == 0 ? -value : value, AddedPixels = added };
        Assert.Throws<ConfigException>(() => Detector.Build(GflConfig.Demo(["a"]) with { Input = new() { CenterPad = pad } }));
    }

    [Fact]
    public void Views_are_for_detectors_that_can_join_them() {
        DetectorConfig config = GflConfig.Demo(["a"]);
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Input = config.Input with { FlipTest = true } }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Input = config.Input with { ScaleFactors = [1, 2] } }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Input = config.Input with { ScaleFactors = [] } }));
        using Detector one = Detector.Build(config with { Input = config.Input with { ScaleFactors = [0.5] } });
        Assert.Equal((45, 30), one.Config.Input.Place(90, 60) is var place ? (place.Width, place.Height) : default);
    }
}
