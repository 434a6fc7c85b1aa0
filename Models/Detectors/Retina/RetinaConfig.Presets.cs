namespace DenseEngine.Models;

public sealed partial record RetinaConfig {
    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = Published();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["retinanet/retinanet_x101_32x4d_fpn_1x_coco"] = ResNeXt,
        ["retinanet/retinanet_x101_32x4d_fpn_2x_coco"] = ResNeXt,
        ["retinanet/retinanet_x101_64x4d_fpn_1x_coco"] = ResNeXt,
        ["retinanet/retinanet_x101_64x4d_fpn_2x_coco"] = ResNeXt,
        ["retinanet/retinanet_x101_64x4d_fpn_mstrain_640-800_3x_coco"] = ResNeXt,
    };

    private const string ResNeXt = "the ResNeXt backbone";

    private static Dictionary<string, DetectorConfig> Published() {
        RetinaConfig r50 = new(), r18 = Variants.OfDepth(r50, 18), r101 = Variants.OfDepth(r50, 101),
            caffe50 = Variants.Caffe(r50, Variants.CaffeMean), caffe101 = Variants.OfDepth(caffe50, 101);
        TrainingRecipe usual = r50.Training, twice = Variants.TwiceAsLong(usual),
            // Three times: each epoch sees each picture thrice.
            thrice = usual with { Repeats = 3, Steps = [9, 11], Scales = Variants.OuterScales },
            scaled = usual with { Scales = Variants.SixScales, ScaleMode = ScaleMode.Value },
            scaledThrice = scaled with { Epochs = 36, Steps = [28, 34] };
        return new Dictionary<string, DetectorConfig> {
            ["retinanet/retinanet_r18_fpn_1x_coco"] = r18,
            ["retinanet/retinanet_r18_fpn_1x8_1x_coco"] =
                r18 with { Training = usual with { LearningRate = 0.005f, BatchSize = 8, ReferenceBatch = 8 } },
            ["retinanet/retinanet_r50_fpn_1x_coco"] = r50,
            ["retinanet/retinanet_r50_fpn_fp16_1x_coco"] = r50,
            ["retinanet/retinanet_r50_fpn_90k_coco"] = r50 with { Training = usual with { Iterations = 90_000, Steps = [60_000, 80_000] } },
            ["retinanet/retinanet_r50_fpn_2x_coco"] = r50 with { Training = twice },
            ["retinanet/retinanet_r50_fpn_mstrain_640-800_3x_coco"] = r50 with { Training = thrice },
            ["retinanet/retinanet_r101_fpn_1x_coco"] = r101,
            ["retinanet/retinanet_r101_fpn_2x_coco"] = r101 with { Training = twice },
            ["retinanet/retinanet_r101_fpn_mstrain_640-800_3x_coco"] = r101 with { Training = thrice },
            ["retinanet/retinanet_r50_caffe_fpn_1x_coco"] = caffe50,
            ["retinanet/retinanet_r50_caffe_fpn_mstrain_1x_coco"] = caffe50 with { Training = scaled },
            ["retinanet/retinanet_r50_caffe_fpn_mstrain_2x_coco"] =
                caffe50 with { Training = scaled with { Epochs = 24, Steps = [16, 23] } },
            ["retinanet/retinanet_r50_caffe_fpn_mstrain_3x_coco"] = caffe50 with { Training = scaledThrice },
            ["retinanet/retinanet_r101_caffe_fpn_1x_coco"] = caffe101,
            ["retinanet/retinanet_r101_caffe_fpn_mstrain_3x_coco"] = caffe101 with { Training = scaledThrice },
            ["libra_rcnn/libra_retinanet_r50_fpn_1x_coco"] = r50 with {
                Neck = r50.Neck with { Balance = new() { RefineLevel = 1, Refinement = Refinement.EmbeddedGaussian } },
                BoxLoss = new BalancedL1Loss(Beta: 0.11f),
            },
            // From scratch, towers without a norm would learn too slowly.
            ["retinanet/retinanet_r18_demo"] = Small(r50 with { HeadNorm = new(NormKind.Group, 32) }, DemoClasses),
        };
    }
}
