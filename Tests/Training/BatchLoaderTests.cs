using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

public sealed class BatchLoaderTests : IDisposable {
    private readonly string folder = Directory.CreateTempSubdirectory("dense-loader-").FullName;
    private readonly TrainingPicture[] pictures;

    private static readonly Normalization Plain = new([0, 0, 0], [1, 1, 1], toRgb: false);

    public BatchLoaderTests() => pictures = [.. Enumerable.Range(0, 7).Select(i => {
        var picture = new Picture(40 + i, 50);
        picture.Pixels.AsSpan().Fill((byte)(i + 1));
        picture.SavePng(Path.Combine(folder, $"{i}.png"));
        return new TrainingPicture(100 + i, Path.Combine(folder, $"{i}.png"), [4, 5, 20, 30], [i], []);
    })];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private BatchLoader Loader(long firstStep, double flip = 0.5, ulong seed = 9) =>
        new(pictures, new Augmentation([(100, 60), (80, 48)], ScaleMode.Value, flip, Plain), 3, seed, firstStep, HostDevice.Default);

    [Fact]
    public void An_epoch_shows_every_picture_once_in_another_order_each_time() {
        using BatchLoader loader = Loader(0);
        Assert.Equal(3, loader.StepsPerEpoch);
        var epochs = new List<long[]>();
        for (int epoch = 0; epoch < 3; epoch++) {
            var ids = new List<long>();
            for (int step = 0; step < 3; step++) {
                using Batch batch = loader.Next(CancellationToken.None);
                Assert.Equal(epoch, batch.Epoch);
                ids.AddRange(batch.Pictures.Select(picture => picture.Id));
            }
            Assert.Equal(pictures.Select(picture => picture.Id), ids.Order());
            epochs.Add([.. ids]);
        }
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
    }

    [Fact]
    public void Starting_later_gives_the_same_batches() {
        using BatchLoader whole = Loader(0), late = Loader(4);
        for (int step = 0; step < 4; step++) whole.Next(CancellationToken.None).Dispose();
        for (int step = 4; step < 9; step++) {
            using Batch expected = whole.Next(CancellationToken.None), actual = late.Next(CancellationToken.None);
            Assert.Equal(expected.Pictures.Select(picture => picture.Id), actual.Pictures.Select(picture => picture.Id));
            Assert.Equal(expected.Pixels.ToArray(), actual.Pixels.ToArray());
            Assert.Equal(expected.Pictures.SelectMany(picture => picture.Truth.Boxes),
                actual.Pictures.SelectMany(picture => picture.Truth.Boxes));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Boxes_follow_their_picture(double flip) {
        using BatchLoader loader = Loader(0, flip);
        using Batch batch = loader.Next(CancellationToken.None);
        Assert.Equal(0, batch.Pixels.Shape[1] % 32);
        Assert.Equal(0, batch.Pixels.Shape[2] % 32);
        for (int i = 0; i < batch.Pictures.Count; i++) {
            PreparedPicture picture = batch.Pictures[i];
            float scaleX = (float)((double)picture.Picture.Width / (40 + picture.Truth.Labels[0])),
                scaleY = (float)((double)picture.Picture.Height / 50);
            float left = flip == 1 ? picture.Picture.Width - 20 * scaleX : 4 * scaleX,
                right = flip == 1 ? picture.Picture.Width - 4 * scaleX : 20 * scaleX;
            Assert.Equal([new Box(left, 5 * scaleY, right, 30 * scaleY)], picture.Truth.Boxes);
            int stride = batch.Pixels.Shape[2] * 3, at = i * batch.Pixels.Shape[1] * stride;
            Assert.Equal(picture.Truth.Labels[0] + 1, batch.Pixels.Span[at]);
            Assert.Equal(0, batch.Pixels.Span[at + 3 * picture.Picture.Width]);
        }
    }

    [Fact]
    public void A_missing_picture_reaches_the_caller_by_name() {
        File.Delete(pictures[0].Path);
        using BatchLoader loader = Loader(0);
        var thrown = Assert.Throws<ImageException>(() => {
            for (int step = 0; step < 3; step++) loader.Next(CancellationToken.None).Dispose();
        });
        Assert.Contains("0.png", thrown.Message, StringComparison.Ordinal);
    }

    /// <summary>Heat maps' targets take the first picture's padded size for the batch's: whatever the pictures' sizes, an object's centre
    /// is in its cell of the map.</summary>
    [Fact]
    public void Pictures_of_several_sizes_keep_their_centres_in_heat_maps() {
        var wide = new Picture(100, 40);
        wide.SavePng(Path.Combine(folder, "wide.png"));
        TrainingPicture[] mixed = [pictures[0], new(200, Path.Combine(folder, "wide.png"), [64, 8, 96, 24], [0], []), pictures[3]];
        var config = (CenterNetConfig)Presets.Find("centernet/centernet_r18_demo") with { Classes = ["a", "b", "c", "d"] };
        Augmentation asked = Augmentation.Of(config) with { Scales = [(100, 100)], Mode = ScaleMode.Value, FlipProbability = 0 };
        Assert.True(asked.PadTogether);
        Assert.False(Augmentation.Of(Presets.Find("gfl/gfl_r18_demo")).PadTogether);
        using var loader = new BatchLoader(mixed, asked, 3, 1, 0, HostDevice.Default);
        using Batch batch = loader.Next(CancellationToken.None);
        Assert.Equal(new Shape(3, 128, 128, 3), batch.Pixels.Shape);
        Assert.Equal(3, batch.Pictures.Select(one => (one.Picture.Width, one.Picture.Height)).Distinct().Count());
        GroundTruth[] truths = [.. batch.Pictures.Select(one => one.Truth)];
        var targets = new CenterTargets(config, 32, 32, batch.Images, truths, HostDevice.Default);
        foreach (CenterObject one in targets.Objects) {
            Box box = truths[one.Picture].Boxes[one.Number];
            Assert.Equal(((int)((box.X1 + box.X2) / 8), (int)((box.Y1 + box.Y2) / 8)), (one.Column, one.Row));
            Assert.Equal((box.X2 - box.X1) / 4, one.Width, 1e-4);
        }
    }
}
