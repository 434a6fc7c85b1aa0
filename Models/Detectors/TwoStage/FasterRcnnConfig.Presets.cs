namespace DenseEngine.Models;

public sealed partial record FasterRcnnConfig {
    private const string ResNeXt = "the ResNeXt backbone", C4 = "the heads of the C4 and DC5 variants",
        Given = "proposals from a file";

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = Published();

    /// <inheritdoc/>
    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["faster_rcnn/faster_rcnn_r50_caffe_c4_1x_coco"] = C4,
        ["faster_rcnn/faster_rcnn_r50_caffe_c4_mstrain_1x_coco"] = C4,
        ["faster_rcnn/faster_rcnn_r50_caffe_dc5_1x_coco"] = C4,
        ["faster_rcnn/faster_rcnn_r50_caffe_dc5_mstrain_1x_coco"] = C4,
        ["faster_rcnn/faster_rcnn_r50_caffe_dc5_mstrain_3x_coco"] = C4,
        ["faster_rcnn/faster_rcnn_x101_32x4d_fpn_1x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_32x4d_fpn_2x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_32x4d_fpn_mstrain_3x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_32x8d_fpn_mstrain_3x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_64x4d_fpn_1x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_64x4d_fpn_2x_coco"] = ResNeXt,
        ["faster_rcnn/faster_rcnn_x101_64x4d_fpn_mstrain_3x_coco"] = ResNeXt,
        ["libra_rcnn/libra_fast_rcnn_r50_fpn_1x_coco"] = Given,
        ["libra_rcnn/libra_faster_rcnn_x101_64x4d_fpn_1x_coco"] = ResNeXt,
    };

    private static Dictionary<string, DetectorConfig> Published() {
        FasterRcnnConfig r50 = new(), r101 = Variants.OfDepth(r50, 101), caffe50 = Variants.Caffe(r50, Variants.CaffeMean),
            caffe101 = Variants.OfDepth(caffe50, 101), libra = Libra(r50);
        TrainingRecipe usual = r50.Training, twice = Variants.TwiceAsLong(usual),
            inSteps = usual with { Iterations = 90_000, Steps = [60_000, 80_000] },
            // Three times: each epoch sees each picture thrice.
            thrice = usual with { Repeats = 3, Steps = [9, 11], Scales = Variants.OuterScales },
            scaled = usual with { Scales = Variants.SixScales, ScaleMode = ScaleMode.Value };
        FasterRcnnConfig scaled50 = caffe50 with { Training = scaled };
        return new Dictionary<string, DetectorConfig> {
            ["faster_rcnn/faster_rcnn_r50_fpn_1x_coco"] = r50,
            ["faster_rcnn/faster_rcnn_r50_fpn_2x_coco"] = r50 with { Training = twice },
            ["faster_rcnn/faster_rcnn_r50_fpn_fp16_1x_coco"] = r50,
            ["faster_rcnn/faster_rcnn_r50_fpn_mstrain_3x_coco"] = r50 with { Training = thrice },
            ["faster_rcnn/faster_rcnn_r50_fpn_tnr-pretrain_1x_coco"] = r50 with {
                Training = usual with { LearningRate = 0.01f, NotRead = ["The optimiser is AdamW."] },
            },
            ["faster_rcnn/faster_rcnn_r50_fpn_iou_1x_coco"] = WithLoss(r50, new IouLoss(10)),
            ["faster_rcnn/faster_rcnn_r50_fpn_giou_1x_coco"] = WithLoss(r50, new GiouLoss(10)),
            ["faster_rcnn/faster_rcnn_r50_fpn_ciou_1x_coco"] = WithLoss(r50, new CiouLoss(12)),
            ["faster_rcnn/faster_rcnn_r50_fpn_bounded_iou_1x_coco"] = WithLoss(r50, new BoundedIouLoss(LossWeight: 10)),
            ["faster_rcnn/faster_rcnn_r50_fpn_ohem_1x_coco"] = r50 with { Roi = r50.Roi with { Sampler = new OhemSampler(512, 0.25) } },
            ["faster_rcnn/faster_rcnn_r50_fpn_soft_nms_1x_coco"] = r50 with { Test = r50.Test with { Soft = new() } },
            ["faster_rcnn/faster_rcnn_r101_fpn_1x_coco"] = r101,
            ["faster_rcnn/faster_rcnn_r101_fpn_2x_coco"] = r101 with { Training = twice },
            ["faster_rcnn/faster_rcnn_r101_fpn_mstrain_3x_coco"] = r101 with { Training = thrice },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_1x_coco"] = caffe50,
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_90k_coco"] = caffe50 with { Training = inSteps },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_1x_coco"] = scaled50,
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_2x_coco"] =
                caffe50 with { Training = scaled with { Epochs = 24, Steps = [16, 23] } },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_3x_coco"] = caffe50 with { Training = thrice },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_90k_coco"] =
                caffe50 with { Training = scaled with { Iterations = inSteps.Iterations, Steps = inSteps.Steps } },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_1x_coco-person"] = scaled50 with { Classes = ["person"] },
            ["faster_rcnn/faster_rcnn_r50_caffe_fpn_mstrain_1x_coco-person-bicycle-car"] =
                scaled50 with { Classes = ["person", "bicycle", "car"] },
            ["faster_rcnn/faster_rcnn_r101_caffe_fpn_1x_coco"] = caffe101,
            ["faster_rcnn/faster_rcnn_r101_caffe_fpn_mstrain_3x_coco"] = caffe101 with { Training = thrice },
            ["faster_rcnn/faster_rcnn_r18_demo"] = Small(r50),
            ["libra_rcnn/libra_faster_rcnn_r50_fpn_1x_coco"] = libra,
            ["libra_rcnn/libra_faster_rcnn_r101_fpn_1x_coco"] = Variants.OfDepth(libra, 101),
            ["libra_rcnn/libra_faster_rcnn_r18_demo"] = Small(libra),
        };
    }

    private static FasterRcnnConfig WithLoss(FasterRcnnConfig config, RegressionLoss loss) =>
        config with { Roi = config.Roi with { BoxLoss = loss } };

    /// <summary>The three balances of Libra R-CNN: of levels, of samples, of the loss.</summary>
    private static FasterRcnnConfig Libra(FasterRcnnConfig config) => config with {
        Neck = config.Neck with { Balance = new BfpConfig { RefineLevel = 2, Refinement = Refinement.EmbeddedGaussian } },
        Rpn = config.Rpn with { Sampler = new RandomSampler(256, 0.5, 5, AddTruths: false) },
        Roi = config.Roi with {
            BoxLoss = new BalancedL1Loss(),
            Sampler = new CombinedSampler(512, 0.25, new InstanceBalancedPosSampler(512, 0.25), new IouBalancedNegSampler(512, 0.25)),
        },
    };
}
