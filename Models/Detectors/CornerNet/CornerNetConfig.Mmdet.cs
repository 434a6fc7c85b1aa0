namespace DenseEngine.Models;

public sealed partial record CornerNetConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "CornerNet";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection model = text.Model, head = MmdetDense.Head(text, "CornerHead"),
            test = text.TestConfig ?? throw model.Missing("test_cfg");
        model.Ignore("pretrained", "init_cfg");
        model.Nothing("neck");
        text.TrainConfig?.IgnoreAll();   // corners are assigned by the head itself
        HourglassConfig backbone = MmdetNetwork.Hourglass(model.Needed("backbone"));
        head.Nothing("init_cfg");
        head.Only("in_channels", (double)backbone.FeatChannels);
        if (head.Int("num_feat_levels", 2) != backbone.Stacks)
            throw head.Wrong("num_feat_levels", $"does not fit the backbone's {backbone.Stacks} stacks");
        head.Only("corner_emb_channels", 1.0);   // what embeddings are compared by has one channel
        var defaults = new CornerNetConfig();
        var config = new CornerNetConfig {
            Classes = classes.Read(head),
            Backbone = backbone,
            HeatLoss = head.Section("loss_heatmap") is { } heat ? MmdetHeads.GaussianFocal(heat) : defaults.HeatLoss,
            EmbeddingLoss = head.Section("loss_embedding") is { } embedding ? MmdetHeads.Embedding(embedding) : new(),
            OffsetLoss = head.Section("loss_offset") is { } offset ? MmdetHeads.Regression(offset) : defaults.OffsetLoss,
            TopK = test.Int("corner_topk", least: 1),
            LocalMaximumKernel = test.Int("local_maximum_kernel", least: 1),
            DistanceThreshold = test.Float("distance_threshold", least: 0),
        };
        head.Check(config.Validate);
        return config;
    }

    static TestConfig IMmdetModel.ReadTest(MmdetText text) {
        ConfigSection test = text.TestConfig!;
        test.Ignore("score_thr");   // nothing in the original reads it
        return MmdetTest.Selection(test, new CornerNetConfig().Test, test.Has("nms") ? "nms" : "nms_cfg");   // the latter before 2.4
    }
}
