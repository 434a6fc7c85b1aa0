using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The official CenterNet's networks, tiny, from files with its names of tensors, against PyTorch
/// (Fixtures/centernet/official.py).</summary>
public class OfficialNetworkTests {
    private static readonly string[] Names = ["dla", "resdcn", "hourglass"];

    public static TheoryData<string, string> Cases => GpuCase.Everywhere(Names);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using var scope = new TensorScope();
        using var detector = (CenterNetDetector)Detector.Load(PathOf(name + ".pth"), Config(name));
        if (gpu is not null) detector.To(gpu);
        using CheckpointFile file = CheckpointFile.Open(PathOf(name + ".safetensors"));
        using var noGrad = new NoGrad();
        Tensor x = Op.Permute(file.Read("x"), 0, 2, 3, 1).To(detector.Device);
        IReadOnlyList<CenterOutput> outputs = detector.Forward(x);
        Assert.Equal(file.Entries.Count - 1, 3 * outputs.Count);
        for (int i = 0; i < outputs.Count; i++) {
            Same($"hm.{i}", outputs[i].Heat);
            Same($"wh.{i}", outputs[i].Sizes);
            Same($"reg.{i}", outputs[i].Offsets);
        }

        void Same(string tensor, Tensor ours) {
            Tensor expected = file.Read(tensor);
            Compare.Close("official CenterNet", $"{name} {tensor}", expected, DetectorComparison.Nchw(ours),
                1e-5 * expected.ToArray().Max(value => Math.Abs((double)value)), 0);
        }
    }

    /// <summary>Every weight that is looked at gets a gradient, of every stack; the projections that the original has for nothing get
    /// none.</summary>
    [Fact]
    public void All_stacks_and_levels_learn() {
        foreach (string name in Names) {
            using var scope = new TensorScope();
            using Detector detector = Detector.Build(Config(name), seed: 3);
            detector.Train();
            Tensor batch = Tensor.From([.. Enumerable.Range(0, 64 * 64 * 3).Select(i => MathF.Sin(i * 0.37f))], [1, 64, 64, 3]);
            IReadOnlyList<LossTerm> terms =
                detector.Losses(batch, [new ImageInfo(64, 64, 64, 64)], [new GroundTruth([new(8, 12, 50, 40)], [1])]);
            Assert.All(terms, term => Assert.Equal(name == "hourglass" ? 2 : 1, term.Value.Count));
            LossTerm.Total(terms).Backward();
            Assert.All(detector.Parameters(), each => Assert.Equal(each.Name is not ("backbone.level3.project.0.weight"
                or "backbone.level3.project.1.weight" or "backbone.level3.project.1.bias" or "backbone.level4.project.0.weight"
                or "backbone.level4.project.1.weight" or "backbone.level4.project.1.bias"), each.Parameter.Value.Grad is not null));
        }
    }

    /// <summary>The official models at their full size, by what is known of them: DLA-34's backbone has 15.3 million weights without its
    /// classifier (Yu et al., 2018, table 2: 15.8 with it).</summary>
    [Fact]
    public void Presets_are_built() {
        using Detector dla = Detector.Build(Presets.Find("ctdet_coco_dla_2x"), seed: 1);
        long weights = dla.Parameters().Where(each => each.Name.StartsWith("backbone.", StringComparison.Ordinal))
            .Sum(each => (long)each.Parameter.Value.Count);
        Assert.InRange(weights, 15_200_000, 15_300_000);
        Assert.Contains(dla.State(), entry => entry.Name == "neck.dla_up.ida_2.proj_3.conv.conv_offset.weight");
        using Detector residual = Detector.Build(Presets.Find("ctdet_coco_resdcn18"), seed: 1);
        Assert.Contains(residual.State(), entry => entry.Name == "neck.deconv_layers.4.conv.bias");
    }

    /// <summary>The official radius by its own formula, of sizes rounded up, and the bound of probabilities, in training only.</summary>
    [Fact]
    public void Its_options_are_followed() {
        CenterNetConfig config = Config("resdcn");
        var truth = new GroundTruth([new(10, 10, 75, 48)], [0]);   // 16.25 by 9.5 cells
        Assert.Equal(2, Radius(config));   // the smallest case: (2·25.75 - √(51.5² - 16·0.7·154.375)) / 8 = 2.6
        Assert.Equal(0, Radius(config with { MinOverlap = 0.7f }));   // with 0.3 in the place of 0.7: 0.97
        // The larger roots, halved whatever stands before the square; of 17 by 10 cells the third case is the smallest.
        double third = (-2 * 0.7 * 27 + Math.Sqrt(Math.Pow(2 * 0.7 * 27, 2) + 4 * (4 * 0.7) * (0.3 * 170))) / 2;
        Assert.Equal((int)third, Radius(config with { OfficialRadius = true, MinOverlap = 0.7f }));

        using var scope = new TensorScope();
        using var detector = (CenterNetDetector)Detector.Build(config with { ProbabilityClamp = 0.25f }, seed: 2);
        Tensor batch = Tensor.From([.. Enumerable.Range(0, 64 * 64 * 3).Select(i => MathF.Sin(i * 0.37f))], [1, 64, 64, 3]);
        Assert.True(detector.Forward(batch)[0].Heat.ToArray().Min() < 0.2f);
        detector.Train();
        Assert.Equal(0.25f, detector.Forward(batch)[0].Heat.ToArray().Min());
        Assert.Throws<ConfigException>(() => Detector.Build(config with { ProbabilityClamp = 0.5f }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { MinOverlap = 0 }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { LocalMaximumKernel = 2 }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Neck = new CtResNetNeckConfig { Kernels = [4, 4] } }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Neck = new DlaUpConfig { Used = 5 } }));
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Backbone = new DlaConfig { Levels = [1, 1] } }));
        var huge = new DlaConfig { Channels = [16, 32, 64, 128, 256, 1 << 20] };
        Assert.Throws<ConfigException>(() => Detector.Build(config with { Backbone = huge }));
        var back = (CenterNetConfig)DetectorConfig.FromJson(config.ToJson());
        Assert.Equal(config.ToJson(), back.ToJson());
        Assert.IsType<CtResNetNeckConfig>(back.Neck);

        int Radius(CenterNetConfig of) =>
            new CenterTargets(of, 16, 32, [new ImageInfo(128, 64, 128, 64)], [truth], HostDevice.Default).Objects[0].Radius;
    }

    private static CenterNetConfig Config(string name) {
        var config = new CenterNetConfig { Classes = ["a", "b", "c"], FeatChannels = 6 };
        return name switch {
            "dla" => config with { Backbone = new DlaConfig { Channels = [4, 4, 6, 8, 10, 12] }, Neck = new DlaUpConfig() },
            "resdcn" => config with {
                Backbone = new ResNetConfig { Depth = 18, BaseChannels = 4, NormEval = false },
                Neck = new CtResNetNeckConfig { Filters = [8, 6], Kernels = [4, 4], Dcn = new(Modulated: true), DcnBias = true },
            },
            _ => config with {
                Backbone = new HourglassConfig {
                    DownsampleTimes = 2,
                    Stacks = 2,
                    StageChannels = [8, 8, 10],
                    StageBlocks = [2, 1, 2],
                    FeatChannels = 6,
                },
                Neck = null,
            },
        };
    }

    private static string PathOf(string file) => Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "centernet", file);
}
