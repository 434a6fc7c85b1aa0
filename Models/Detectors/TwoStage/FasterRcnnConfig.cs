namespace DenseEngine.Models;

/// <summary>Faster R-CNN (Ren et al., 2015) on ResNet and FPN, and with a balanced pyramid, balanced samplers and balanced loss Libra R-CNN
/// (Pang et al., 2019). Defaults are those of mmdetection's published Faster R-CNN.</summary>
public sealed partial record FasterRcnnConfig : PyramidConfig, IPresets {
    /// <summary>Faster R-CNN as mmdetection has it.</summary>
    public FasterRcnnConfig() => (Test, Training) = (Test with { IouThreshold = 0.5f }, Training with { LearningRate = 0.02f });

    /// <summary>What proposes regions.</summary>
    public RpnConfig Rpn { get; init; } = new();

    /// <summary>What looks into them.</summary>
    public RoiConfig Roi { get; init; } = new();

    internal override string Title => "Faster R-CNN";

    private protected override Detector Create(Backbone backbone, Neck neck) => new TwoStageDetector(this, backbone, neck,
        new RpnHead(Rpn, Neck.OutChannels, Classes.Count), new RoiHead(Roi, Neck.OutChannels, Classes.Count));

    internal override void Validate() {
        base.Validate();
        Rpn.Validate();
        Roi.Validate();
        if (Rpn.Strides.Count != Neck.Levels)
            throw new ConfigException($"{Title}: {Rpn.Strides.Count} strides do not fit the neck's {Neck.Levels} levels.");
        if (Roi.Strides.Count > Neck.Levels)
            throw new ConfigException($"{Title}: regions come from {Roi.Strides.Count} levels, but the neck has {Neck.Levels}.");
    }

    /// <summary>The same detector small, for pictures of 160×160 pixels, trained from scratch on a processor in minutes.</summary>
    private static FasterRcnnConfig Small(FasterRcnnConfig config) => SmallPyramid(config, DemoClasses) with {
        Rpn = config.Rpn with {
            FeatChannels = 48,
            Strides = [4, 8, 16, 32],
            Scales = [6],
            TrainProposals = Fewer(config.Rpn.TrainProposals),
            TestProposals = Fewer(config.Rpn.TestProposals),
            Sampler = config.Rpn.Sampler with { Count = 64 },
        },
        Roi = config.Roi with {
            FcChannels = 256,
            FinestScale = 24,
            SamplingRatio = 2,
            Sampler = config.Roi.Sampler with { Count = 64 },
        },
    };

    private static TestConfig Fewer(TestConfig proposals) => proposals with { BeforeNms = 300, MaxPerImage = 200 };
}
