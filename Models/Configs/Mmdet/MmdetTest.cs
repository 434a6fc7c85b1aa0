using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Reads how mmdetection's heads select detections, <c>test_cfg</c>.</summary>
internal static class MmdetTest {
    /// <summary>The rules of a text.</summary>
    /// <exception cref="ConfigException">They are missing, or ask for what is not supported.</exception>
    public static TestConfig Read(MmdetText text) {
        ConfigSection test = text.TestConfig ?? throw text.Model.Missing("test_cfg");
        if (test.Section("rcnn") is { } regions) return Selection(regions, new TestConfig()) with {
            ScoreThreshold = regions.Float("score_thr"),
        };
        // The one-stage heads of 2.x do not look at this size; those of 3.x drop boxes that do not exceed it.
        float smallest = test.Float("min_bbox_size", -1);
        return Selection(test, new TestConfig(test.Float("score_thr"), test.Int("nms_pre", least: 1)) {
            MinBoxSize = text.IsThree && smallest >= 0 ? smallest : null,
        });
    }

    /// <summary>How a region proposal network selects proposals.</summary>
    /// <exception cref="ConfigException">It is not said, or not supported.</exception>
    public static TestConfig Proposals(ConfigSection proposals) {
        int most = proposals.Int("nms_pre");
        float smallest = proposals.Float("min_bbox_size", 0);
        var config = new TestConfig(-1, most > 0 ? most : int.MaxValue) { MinBoxSize = smallest >= 0 ? smallest : null };
        if (!proposals.Has("nms_thr")) return Selection(proposals, config);
        // The names until 2.5.
        proposals.Ignore("nms_post");
        proposals.Only("nms_across_levels", false);
        proposals.Ignore("nms");
        return config with {
            IouThreshold = proposals.Float("nms_thr"),
            MaxPerImage = proposals.Int(proposals.Has("max_num") ? "max_num" : "max_per_img", least: 1),
        };
    }

    /// <summary>Some rules with the suppression and the number of detections that a text asks for.</summary>
    public static TestConfig Selection(ConfigSection test, TestConfig config, string key = "nms") {
        ConfigSection nms = test.Needed(key);
        bool soft = nms.Has("type") && nms.Type("nms", "soft_nms") == "soft_nms";
        string threshold = nms.Has("iou_thr") ? "iou_thr" : "iou_threshold";   // the former until 2.4
        nms.Only("offset", 0.0);
        nms.Only("score_threshold", 0.0);
        nms.Only("max_num", -1.0);
        nms.Only("split_thr", (double)TestConfig.SplitThreshold);
        return config with {
            MaxPerImage = test.Int("max_per_img", least: 1),
            IouThreshold = nms.Float(threshold, soft ? 0.3f : null),
            ClassAgnostic = nms.Bool("class_agnostic", false),
            Soft = soft ? Soft(nms) : null,
        };
    }

    private static SoftNms Soft(ConfigSection nms) => new(
        nms.Text("method", "linear") switch {
            "linear" => SoftNmsMethod.Linear,
            "gaussian" => SoftNmsMethod.Gaussian,
            "naive" => SoftNmsMethod.Naive,
            _ => throw nms.Unsupported("method"),
        },
        nms.Float("sigma", 0.5f, float.Epsilon), nms.Float("min_score", 1e-3f));
}
