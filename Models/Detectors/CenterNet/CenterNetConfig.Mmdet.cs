namespace DenseEngine.Models;

public sealed partial record CenterNetConfig : IMmdetModel {
    static string IMmdetModel.ModelType => "CenterNet";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection model = text.Model, head = MmdetDense.Head(text, "CenterNetHead"),
            test = text.TestConfig ?? throw model.Missing("test_cfg");
        model.Ignore("pretrained", "init_cfg");
        text.TrainConfig?.IgnoreAll();   // centres are assigned by the head itself
        (BackboneConfig backbone, CtResNetNeckConfig? neck) = ReadNetwork(model);
        head.Ignore("init_cfg");
        head.Only(Key(head, "in_channel"), (double)(neck?.Filters[^1] ?? ((HourglassConfig)backbone).FeatChannels));
        var defaults = new CenterNetConfig();
        var config = new CenterNetConfig {
            Classes = classes.Read(head),
            Backbone = backbone,
            Neck = neck,
            FeatChannels = head.Int(Key(head, "feat_channel"), least: 1, most: MostChannels),
            HeatLoss = head.Section("loss_center_heatmap") is { } heat ? MmdetHeads.GaussianFocal(heat) : defaults.HeatLoss,
            SizeLoss = head.Section("loss_wh") is { } sizes ? MmdetHeads.Regression(sizes) : defaults.SizeLoss,
            OffsetLoss = head.Section("loss_offset") is { } offsets ? MmdetHeads.Regression(offsets) : defaults.OffsetLoss,
            TopK = test.Int("topk", 100, 1, MostFound),
            LocalMaximumKernel = test.Int("local_maximum_kernel", 3, 1, 99),
            SuppressesViews = test.Has("nms_cfg"),
        };
        head.Check(config.Validate);
        return config;
    }

    /// <summary>Without suppression nothing limits the number but <see cref="TopK"/>. With it, the key that asks for it is not the one
    /// that says how.</summary>
    static TestConfig IMmdetModel.ReadTest(MmdetText text) {
        ConfigSection test = text.TestConfig!;
        test.Ignore("nms", "nms_cfg");
        return test.Has("nms_cfg") ? MmdetTest.Selection(test, new(), test.Has("nms") ? "nms" : "nms_cfg")
            : new() { MaxPerImage = test.Int("max_per_img", 100, 1) };
    }

    /// <summary>A ResNet with its neck; or an hourglass, of which mmdetection's head takes a single stack.</summary>
    private static (BackboneConfig, CtResNetNeckConfig?) ReadNetwork(ConfigSection model) {
        ConfigSection backbone = model.Needed("backbone");
        if (backbone.Type("ResNet", "HourglassNet") == "HourglassNet") {
            HourglassConfig hourglass = MmdetNetwork.Hourglass(backbone);
            if (hourglass.Stacks != 1) throw backbone.Unsupported("num_stacks");
            model.Nothing("neck");
            return (hourglass, null);
        }
        ResNetConfig residual = MmdetNetwork.ResNet(backbone);
        return (residual, ReadNeck(model.Needed("neck"), residual));
    }

    private static CtResNetNeckConfig ReadNeck(ConfigSection neck, ResNetConfig backbone) {
        neck.Type("CTResNetNeck");
        neck.Ignore("init_cfg");
        string inputs = Key(neck, "in_channel");
        if (neck.Int(inputs) != backbone.StageChannels()[backbone.OutIndices[^1]])
            throw neck.Wrong(inputs, $"does not fit the backbone's last map, {backbone.StageChannels()[backbone.OutIndices[^1]]} channels");
        var config = new CtResNetNeckConfig {
            Filters = neck.Ints("num_deconv_filters") ?? throw neck.Missing("num_deconv_filters"),
            Kernels = neck.Ints("num_deconv_kernels") ?? throw neck.Missing("num_deconv_kernels"),
            Dcn = neck.Bool("use_dcn", true) ? new DcnConfig(Modulated: true) : null,
        };
        neck.Check(config.Validate);
        return config;
    }

    /// <summary>mmdetection 3 says <c>in_channels</c> and <c>feat_channels</c>.</summary>
    private static string Key(ConfigSection section, string key) => section.Has(key + "s") ? key + "s" : key;
}
