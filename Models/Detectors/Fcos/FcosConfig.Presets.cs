namespace DenseEngine.Models;

public sealed partial record FcosConfig {
    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = Published();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["fcos/fcos_x101_64x4d_fpn_gn-head_mstrain_640-800_2x_coco"] = "the ResNeXt backbone",
    };

    private static Dictionary<string, DetectorConfig> Published() {
        var base50 = Variants.Caffe(new FcosConfig(), Variants.DetectronMean) with {
            Training = new() { BiasRateFactor = 2, BiasDecayFactor = 0, ClipNorm = 35, WarmupRatio = 1f / 3, ConstantWarmup = true },
        };
        FcosConfig r101 = Variants.OfDepth(base50, 101), improved = base50 with {
            Input = base50.Input with { Mean = Variants.CaffeMean },
            CenterSampling = true,
            CenternessOnReg = true,
            ConvBias = true,
            NormOnBbox = true,
            BoxLoss = new GiouLoss(),
            Test = base50.Test with { IouThreshold = 0.6f },
            Training = base50.Training with { ClipNorm = null, ConstantWarmup = false },
        };
        TrainingRecipe scaled = Variants.TwiceAsLong(base50.Training) with { Scales = Variants.OuterScales, ScaleMode = ScaleMode.Value };
        return new Dictionary<string, DetectorConfig> {
            ["fcos/fcos_r50_caffe_fpn_gn-head_1x_coco"] = base50,
            ["fcos/fcos_r50_caffe_fpn_gn-head_4x4_1x_coco"] = base50 with { Training = base50.Training with { BatchSize = 4 } },
            ["fcos/fcos_r50_caffe_fpn_gn-head_mstrain_640-800_2x_coco"] = base50 with { Training = scaled },
            ["fcos/fcos_r101_caffe_fpn_gn-head_1x_coco"] = r101,
            ["fcos/fcos_r101_caffe_fpn_gn-head_mstrain_640-800_2x_coco"] = r101 with { Training = scaled },
            ["fcos/fcos_center_r50_caffe_fpn_gn-head_1x_coco"] = base50 with { CenterSampling = true },
            ["fcos/fcos_center-normbbox-centeronreg-giou_r50_caffe_fpn_gn-head_1x_coco"] = improved,
            ["fcos/fcos_center-normbbox-centeronreg-giou_r50_caffe_fpn_gn-head_dcn_1x_coco"] = improved with {
                Backbone = improved.Backbone with { Dcn = new DcnConfig(Modulated: true), StageWithDcn = [false, true, true, true] },
                DcnOnLastConv = true,
            },
            ["fcos/fcos_r18_demo"] = Small(improved with { Input = new(), ConvBias = null }, DemoClasses) with {
                RegressRanges = [[-1, 32], [32, 64], [64, 128], [128, 1e8f]],
            },
        };
    }
}
