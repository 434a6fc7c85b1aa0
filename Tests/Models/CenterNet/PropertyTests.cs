using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>A property of a user's own, all that it takes: how many times longer than wide an object is, learnt as a logarithm.</summary>
internal sealed record Elongation() : CenterRegression("elongation", 1, LossWeight: 5) {
    protected override float[] Target(float[] given, CenterObject one, CenterTargets targets) => [MathF.Log(given[0])];

    protected override float[] Value(float[] numbers, CenterFinding one, CenterFindings found) => [MathF.Exp(numbers[0])];
}

/// <summary>Further properties of objects.</summary>
public class PropertyTests {
    private static readonly CenterProperty[] All =
        [new CenterDepth(), new CenterOrientation(), new CenterKeypoints(2), new CenterSize3d(LossWeight: 2), new Elongation()];

    /// <summary>A small network learns from made pictures all that is known of their objects, and finds it in pictures that it never
    /// saw.</summary>
    [Fact]
    public void A_network_recovers_what_is_known_of_a_scene() {
        using Detector detector = Detector.Build(Config, seed: 4);
        detector.Train();
        var random = new Philox(7);
        const int steps = 700;
        using (var adam = new Adam(detector.Parameters().Select(each => (each.Name, each.Parameter.Value)))) {
            for (int step = 0; step < steps; step++) {
                using var scope = new TensorScope();
                (Tensor batch, ImageInfo[] images, GroundTruth[] truths) = PropertyScene.Batch(random, 8);
                LossTerm.Total(detector.Losses(batch, images, truths)).Backward();
                adam.Step(0.006f * (1 - (float)step / steps));
                adam.ZeroGrad();
            }
        }
        detector.Train(false);
        (Tensor seen, ImageInfo[] places, GroundTruth[] known) = PropertyScene.Batch(new Philox(8), 40);
        using Tensor unseen = seen;
        IReadOnlyList<Detections> found = detector.Detect(unseen, places);
        var errors = new Dictionary<string, List<double>>();
        int objects = 0, met = 0;
        for (int i = 0; i < known.Length; i++) {
            for (int k = 0; k < known[i].Boxes.Length; k++) {
                objects++;
                Box box = known[i].Boxes[k];
                (float x, float y) = ((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2);
                Detection best = found[i].FirstOrDefault(one => one.Label == known[i].Labels[k] && one.Score > 0.3f
                    && Math.Abs((one.Box.X1 + one.Box.X2) / 2 - x) < 4 && Math.Abs((one.Box.Y1 + one.Box.Y2) / 2 - y) < 4);
                if (best.Properties is not { } told) continue;
                met++;
                float[] Known(string name) => known[i].Properties![name][k];
                Note("depth", told["depth"][0] / Known("depth")[0] - 1);
                Note("orientation", Math.IEEERemainder(told["orientation"][0] - Known("orientation")[0], 2 * Math.PI));
                for (int point = 0; point < 2; point++)
                    Note("keypoints", Math.Sqrt(Math.Pow(told["keypoints"][3 * point] - Known("keypoints")[2 * point], 2)
                        + Math.Pow(told["keypoints"][3 * point + 1] - Known("keypoints")[2 * point + 1], 2)));
                for (int side = 0; side < 3; side++) Note("size3d", told["size3d"][side] / Known("size3d")[side] - 1);
                Note("elongation", told["elongation"][0] / Known("elongation")[0] - 1);
            }
        }
        string summary = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{met} of {objects} objects; medians: ")
            + string.Join(", ", errors.Select(each => $"{each.Key} {Median(each.Value):0.000}"));
        // Always saying the same would be a quarter off in depth and elongation, a quarter turn in direction; a cell is 4 pixels.
        Assert.True(met > 0.9 * objects && Median(errors["depth"]) < 0.1 && Median(errors["orientation"]) < 0.12
            && Median(errors["keypoints"]) < 2 && Median(errors["size3d"]) < 0.13 && Median(errors["elongation"]) < 0.16, summary);

        void Note(string name, double error) {
            if (!errors.TryGetValue(name, out List<double>? list)) errors[name] = list = [];
            list.Add(Math.Abs(error));
        }
    }

    /// <summary>Maps that hold exactly what they should give what is known back, up to rounding, and next to no loss.</summary>
    [Fact]
    public void Exact_maps_decode_to_what_is_known() {
        using var scope = new TensorScope();
        var config = Config with { TopK = 1 };
        var truth = new GroundTruth([new(20, 12, 44, 40)], [1]) {
            Properties = new Dictionary<string, IReadOnlyList<float[]>> {
                ["depth"] = [[12.5f]],
                ["orientation"] = [[-1.9f]],
                ["keypoints"] = [[22.5f, 13, 41, 38.25f]],
                ["size3d"] = [[1.5f, 1.75f, 4]],
                ["elongation"] = [[2.5f]],
            },
        };
        ImageInfo[] images = [new(64, 64, 64, 64)];
        var targets = new CenterTargets(config, 16, 16, images, [truth], HostDevice.Default);
        CenterObject one = Assert.Single(targets.Objects);
        Assert.Equal((6, 8), (one.Row, one.Column));
        var maps = config.Properties.SelectMany(property => property.Maps).ToDictionary(map => map.Name,
            map => Tensor.Full([1, 16, 16, map.Channels], map.Name.EndsWith("_heat", StringComparison.Ordinal) ? -20 : 0));
        Put("depth", 6, 8, 0, -MathF.Log(12.5f));   // 1 / σ(d) - 1 = e^-d
        // The range around -π/2: inside; the other's middle is farther than 2π/3 away.
        float turn = -1.9f + MathF.PI / 2;
        Put("orientation", 6, 8, 0, -9, 9, MathF.Sin(turn), MathF.Cos(turn), 9, -9, 0, 0);
        Put("keypoints", 6, 8, 0, 22.5f / 4 - 8, 13f / 4 - 6, 41f / 4 - 8, 38.25f / 4 - 6);
        Put("keypoints_heat", 3, 5, 0, 20);
        Put("keypoints_heat", 9, 10, 1, 20);
        Put("keypoints_offset", 3, 5, 0, 22.5f / 4 - 5, 13f / 4 - 3);
        Put("keypoints_offset", 9, 10, 0, 41f / 4 - 10, 38.25f / 4 - 9);
        Put("size3d", 6, 8, 0, 1.5f, 1.75f, 4);
        Put("elongation", 6, 8, 0, MathF.Log(2.5f));
        var output = new CenterOutput(targets.Heat, targets.Sizes, targets.Offsets, maps);
        IReadOnlyDictionary<string, float[]> found = Told(output, config, images);
        foreach (CenterProperty property in config.Properties) {
            float[] known = truth.Properties![property.Name][0], told = found[property.Name];
            if (property is CenterKeypoints) (known, told) = ([.. known, 1, 1], [told[0], told[1], told[3], told[4], told[2], told[5]]);
            Assert.Equal(known.Length, told.Length);
            for (int i = 0; i < known.Length; i++) Assert.Equal(known[i], told[i], 1e-3f * Math.Max(1, Math.Abs(known[i])));
            LossTerm[] terms = [.. property.Losses(new CenterTraining(property, output, targets))
                .Where(term => term.Name != "loss_keypoints_heat")];   // the gaussian's flanks are not in the map
            Assert.All(terms, term => Assert.InRange(term.Value.ToArray()[0], 0, 1e-3f));
            // Somewhere else is a loss.
            CenterOutput wrong = output with { Properties = maps.ToDictionary(map => map.Key, map => map.Value + 0.5f) };
            Assert.All(property.Losses(new CenterTraining(property, wrong, targets)), term =>
                Assert.True(term.Value.ToArray()[0] > 0.1f || term.Name.EndsWith("_heat", StringComparison.Ordinal), term.Name));
        }

        void Put(string map, int row, int column, int channel, params float[] values) =>
            values.CopyTo(maps[map].Span[((row * 16 + column) * maps[map].Shape[3] + channel)..]);
    }

    /// <summary>Both ranges, their overlaps, and the seams at π.</summary>
    [Fact]
    public void Angles_lie_in_one_range_or_in_both() {
        var property = new CenterOrientation();
        for (float angle = -3.1f; angle <= 3.1f; angle += 0.1f) {
            using var scope = new TensorScope();
            var truth = new GroundTruth([new(20, 12, 44, 40)], [1]) {
                Properties = new Dictionary<string, IReadOnlyList<float[]>> { ["orientation"] = [[angle]] },
            };
            CenterNetConfig config = Config with { Properties = [property], TopK = 1 };
            var targets = new CenterTargets(config, 16, 16, [new(64, 64, 64, 64)], [truth], HostDevice.Default);
            // By the official code's own terms: the first range is below π/6 or above 5π/6, the second above -π/6 or below -5π/6.
            bool first = angle is < MathF.PI / 6 or > 5 * MathF.PI / 6, second = angle is > -MathF.PI / 6 or < -5 * MathF.PI / 6;
            float[] cell = [first ? -20 : 20, first ? 20 : -20, MathF.Sin(angle + MathF.PI / 2), MathF.Cos(angle + MathF.PI / 2),
                second ? -20 : 20, second ? 20 : -20, MathF.Sin(angle - MathF.PI / 2), MathF.Cos(angle - MathF.PI / 2)];
            Tensor map = Tensor.From([.. Enumerable.Repeat(cell, 256).SelectMany(each => each)], [1, 16, 16, 8]);
            var output = new CenterOutput(targets.Heat, targets.Sizes, targets.Offsets,
                new Dictionary<string, Tensor> { ["orientation"] = map });
            Assert.InRange(property.Losses(new CenterTraining(property, output, targets))[0].Value.ToArray()[0], 0, 1e-4f);
            float told = Told(output, config, [new(64, 64, 64, 64)])["orientation"][0];
            Assert.True(Math.Abs(Math.IEEERemainder(told - angle, 2 * Math.PI)) < 1e-5, $"{angle} gives {told}");
        }
    }

    [Fact]
    public void They_survive_a_file_and_what_is_not_known_costs_nothing() {
        CenterPropertyJson.Register<Elongation>("elongation");
        string json = Config.ToJson();
        var back = (CenterNetConfig)DetectorConfig.FromJson(json);
        Assert.Equal(All, back.Properties);
        string strange = json.Replace("\"depth\"", "\"System.IO.FileInfo\"", StringComparison.Ordinal);
        Assert.Throws<ConfigException>(() => DetectorConfig.FromJson(strange));
        Assert.Throws<ConfigException>(() => Detector.Build(Config with { Properties = [new CenterDepth(), new CenterDepth()] }));
        Assert.Throws<ConfigException>(() => Detector.Build(Config with { Properties = [new CenterDepth("wh")] }));
        Assert.Throws<ConfigException>(() => Detector.Build(Config with { Properties = [new CenterKeypoints(0)] }));

        using var scope = new TensorScope();
        using Detector detector = Detector.Build(Config, seed: 1);
        detector.Train();
        (Tensor batch, ImageInfo[] images, GroundTruth[] truths) = PropertyScene.Batch(new Philox(3), 2);
        GroundTruth[] unknown = [.. truths.Select(truth => truth with { Properties = null })];
        IReadOnlyList<LossTerm> terms = detector.Losses(batch, images, unknown);
        LossTerm.Total(terms).Backward();
        Assert.All(terms.Skip(3).Where(term => term.Name != "loss_keypoints_heat"), term => Assert.Equal(0, term.Value.ToArray()[0]));
        Assert.All(detector.Parameters(), each => Assert.True(each.Parameter.Value.Grad is not null, each.Name));
        GroundTruth wrong = truths[0] with { Properties = new Dictionary<string, IReadOnlyList<float[]>> { ["depth"] = [] } };
        Assert.Throws<DatasetException>(() => detector.Losses(batch, images, [wrong, truths[1]]));
    }

    /// <summary>What the maps of a picture of 64×64 say of its first centre.</summary>
    private static IReadOnlyDictionary<string, float[]> Told(CenterOutput output, CenterNetConfig config, ImageInfo[] images) {
        ViewCandidates view = new CenterPeaks(output, config, (64, 64), images, rescale: true).View();
        return view.Properties!(view.Further!.ToArray())[0];
    }

    private static CenterNetConfig Config => new() {
        Classes = ["short", "long"],
        Backbone = new ResNetConfig {
            Depth = 18,
            BaseChannels = 24,
            Strides = [1, 2],
            Dilations = [1, 1],
            OutIndices = [0, 1],
            NormEval = false,
        },
        Neck = new CtResNetNeckConfig { Filters = [32], Kernels = [4] },
        FeatChannels = 32,
        Properties = All,
    };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
