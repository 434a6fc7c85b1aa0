using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>A detector that looks at pictures several times.</summary>
public class MultiViewTests {
    /// <summary>Several scales are what each scale alone shows, suppressed together; so are mirrored pictures.</summary>
    [Fact]
    public void Scales_and_mirrored_pictures_are_suppressed_together() {
        using CheckpointFile file = CheckpointFile.Open(
            Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", "cornernet_hg2", "checkpoint.pth"));
        var config = (CornerNetConfig)Detector.ConfigOf(file)!;
        var picture = new Picture(50, 41);
        for (int i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(i * 37 % 251);
        // Nothing is suppressed or left out: what comes out is what went in, plus what suppression lowers by overlap 0.
        CornerNetConfig all = config with {
            Test = config.Test with { MaxPerImage = 10_000, Soft = new SoftNms(SoftNmsMethod.Linear, MinScore: -1), IouThreshold = 1 },
        };
        Detections Of(bool flip, params double[] scales) {
            using Detector detector = Detector.Load(file, all with { Input = all.Input with { FlipTest = flip, ScaleFactors = scales } });
            return detector.Detect(picture);
        }
        Detections plain = Of(false, 1), larger = Of(false, 1.5), both = Of(false, 1, 1.5), mirrored = Of(true, 1), four = Of(true, 1.5, 1);
        Assert.True(plain.Count > 0 && larger.Count > 0 && mirrored.Count > plain.Count);
        Assert.Equal([.. plain.Concat(larger).OrderBy(Key)], both.OrderBy(Key).ToArray());
        Assert.Equal(Of(true, 1).Count + Of(true, 1.5).Count, four.Count);
        Assert.Subset(four.ToHashSet(), mirrored.ToHashSet());
        Assert.All(four, each => Assert.InRange(each.Box.X1, -16, 70));

        static (float, float, float, float, float, int) Key(Detection one) =>
            (one.Score, one.Box.X1, one.Box.Y1, one.Box.X2, one.Box.Y2, one.Label);
    }

    [Fact]
    public void Dense_detectors_look_once() {
        DetectorConfig gfl = GflConfig.Demo(["a"]);
        var refused = Assert.Throws<ConfigException>(() => Detector.Build(gfl with { Input = gfl.Input with { FlipTest = true } }));
        Assert.Contains("looks at each picture once", refused.Message, StringComparison.Ordinal);
    }
}
