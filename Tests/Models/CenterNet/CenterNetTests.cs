using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny CenterNets against mmdetection's: outputs, targets, losses, gradients.</summary>
public class CenterNetTests {
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.CasesOf("CenterNet"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_targets_losses_and_gradients_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        var detector = (CenterNetDetector)fixture.Detector;
        detector.Train();
        Tensor[] levels = detector.Levels(fixture.Batch);
        fixture.Same("neck.0", DetectorComparison.Nchw(Assert.Single(levels)), 1e-4);
        CenterOutput output = detector.Heads[0].Forward(levels[0]);
        SameOutputs(fixture, "out", output);

        var targets = new CenterTargets((CenterNetConfig)detector.Config, output.Heat.Shape[1], output.Heat.Shape[2], fixture.Images,
            fixture.Truths, fixture.Device);
        Assert.Equal(fixture.Json.GetProperty("avg_factor").GetInt32(), targets.Peaks);
        fixture.Same("target.center_heatmap", DetectorComparison.Nchw(targets.Heat), 1e-6);
        fixture.Same("target.wh", DetectorComparison.Nchw(targets.Sizes), 1e-6);
        fixture.Same("target.offset", DetectorComparison.Nchw(targets.Offsets), 1e-6);
        float[] weights = fixture.Read("target.wh_offset_weight").ToArray();   // the same for both channels
        int cells = targets.Height * targets.Width;
        Assert.Equal(weights, targets.Weights.ToArray().Chunk(cells).SelectMany(picture => picture.Concat(picture)));

        IReadOnlyList<LossTerm> terms = detector.Losses(fixture.Batch, fixture.Images, fixture.Truths);
        double total = fixture.Read("loss_total").ToArray()[0];
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        LossTerm.Total(terms).Backward();
        DetectorComparison.Gradients(fixture);
        Assert.DoesNotContain(fixture.Unread, tensor => !tensor.StartsWith("det.", StringComparison.Ordinal)
            && !tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_evaluation_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        using var noGrad = new NoGrad();
        SameOutputs(fixture, "evalout", Assert.Single(((CenterNetDetector)fixture.Detector).Forward(fixture.Batch)));
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    /// <summary>A picture and its mirror image: heat and sizes are averaged, offsets are the plain picture's, by hand.</summary>
    [Theory]
    [InlineData("centernet_r18")]
    [InlineData("centernet_r18_dcn")]
    public void Flip_test_averages_heat_and_sizes(string name) {
        using DetectorFixture fixture = DetectorFixture.Load(name);
        var config = (CenterNetConfig)fixture.Detector.Config;
        using var detector = (CenterNetDetector)Detector.Build(config with { Input = config.Input with { FlipTest = true }, TopK = 10 });
        detector.Load(fixture.Detector.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor));
        float[] pixels = fixture.Batch.ToArray();
        var same = (CenterNetDetector)fixture.Detector;
        CenterOutput plain = same.Forward(fixture.Batch)[0],
            mirrored = same.Forward(Tensor.From(Turn(pixels, fixture.Batch.Shape), fixture.Batch.Shape))[0];
        float[] heat = Mean(plain.Heat, mirrored.Heat), sizes = Mean(plain.Sizes, mirrored.Sizes), offsets = plain.Offsets.ToArray();
        (int height, int width, int classes) = (plain.Heat.Shape[1], plain.Heat.Shape[2], plain.Heat.Shape[3]);
        IReadOnlyList<Detections> found = detector.Detect(fixture.Batch, fixture.Images);
        for (int i = 0; i < found.Count; i++) {
            ImageInfo image = fixture.Images[i];
            Detection[] expected = [.. (from y in Enumerable.Range(0, height)
                                        from x in Enumerable.Range(0, width)
                                        from c in Enumerable.Range(0, classes)
                                        let score = At(y, x, c)
                                        where Enumerable.Range(0, 9).All(k => At(y + k / 3 - 1, x + k % 3 - 1, c) <= score)
                                        let cell = (i * height + y) * width + x
                                        let middle = (X: x + offsets[2 * cell], Y: y + offsets[2 * cell + 1])
                                        let half = (X: sizes[2 * cell] / 2, Y: sizes[2 * cell + 1] / 2)
                                        select new Detection(new Box(
                                            4 * (middle.X - half.X) - image.Left, 4 * (middle.Y - half.Y) - image.Top,
                                            4 * (middle.X + half.X) - image.Left, 4 * (middle.Y + half.Y) - image.Top),
                                            score, c)).OrderByDescending(one => one.Score).Take(10)];
            DetectorComparison.Same(name, expected, found[i]);

            float At(int y, int x, int c) => y < 0 || x < 0 || y >= height || x >= width ? 0
                : heat[((i * height + y) * width + x) * classes + c];
        }

        static float[] Mean(Tensor one, Tensor other) => [.. one.ToArray().Zip(Turn(other.ToArray(), other.Shape), (a, b) => (a + b) / 2)];
        static float[] Turn(float[] map, Shape shape) => [.. map.Chunk(shape[2] * shape[3]).SelectMany(row => row.Chunk(shape[3]).Reverse())
            .SelectMany(cell => cell)];
    }

    /// <summary>Several scales: all detections together, or what suppression leaves of them.</summary>
    [Fact]
    public void Several_scales_add_up() {
        using DetectorFixture fixture = DetectorFixture.Load("centernet_r18");
        var config = (CenterNetConfig)fixture.Detector.Config;
        Picture picture = Picture.Load(Path.Combine(fixture.Folder, "image0.png"));
        var once = Look(config with { Input = config.Input with { ScaleFactors = [0.5] } });
        var all = Look(config with { Input = config.Input with { ScaleFactors = [1, 0.5] } });
        Assert.Equal(fixture.Detector.Detect(picture).Concat(once).Select(one => one.Score).OrderDescending(),
            all.Select(one => one.Score));
        var suppressed = Look(config with {
            Input = config.Input with { ScaleFactors = [1, 0.5] },
            SuppressesViews = true,
            Test = config.Test with { IouThreshold = 0.3f },
        });
        Assert.InRange(suppressed.Count, 1, all.Count - 1);

        Detections Look(CenterNetConfig other) {
            using Detector detector = Detector.Build(other);
            detector.Load(fixture.Detector.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor));
            return detector.Detect(picture);
        }
    }

    private static void SameOutputs(DetectorFixture fixture, string kind, CenterOutput output) {
        foreach (string tensor in fixture.Tensors) {
            if (tensor.Split('.') is not [var of, var name, "0"] || of != kind) continue;
            Tensor ours = name switch {
                "center_heatmap_pred" => output.Heat,
                "wh_pred" => output.Sizes,
                "offset_pred" => output.Offsets,
                _ => throw new KeyNotFoundException(tensor),
            };
            fixture.Same(tensor, DetectorComparison.Nchw(ours), 1e-4);
        }
    }
}
