namespace DenseEngine.Models;

/// <summary>Reads mmdetection's backbones, necks and norms. Defaults are mmdetection's.</summary>
internal static class MmdetNetwork {
    /// <summary>A ResNet with a feature pyramid on its outputs.</summary>
    public static (ResNetConfig Backbone, FpnConfig Neck) Pyramid(ConfigSection model) {
        model.Ignore("pretrained", "init_cfg");
        ResNetConfig backbone = ResNet(model.Needed("backbone"));
        return (backbone, Neck(model, [.. backbone.OutIndices.Select(i => backbone.StageChannels()[i])]));
    }

    /// <summary>A ResNet.</summary>
    public static ResNetConfig ResNet(ConfigSection backbone) {
        backbone.Type("ResNet");
        // What has no effect on a checkpoint's results: initial weights, and time given for memory.
        backbone.Ignore("init_cfg", "pretrained", "zero_init_residual", "with_cp");
        backbone.Only("in_channels", 3.0);
        backbone.Only("deep_stem", false);
        backbone.Only("avg_down", false);
        backbone.Nothing("conv_cfg");
        backbone.Nothing("plugins");
        int stages = backbone.Int("num_stages", 4, 1, 4), width = backbone.Int("base_channels", 64);
        backbone.Only("stem_channels", null, (double)width);
        NormConfig? norm = Norm(backbone, "norm_cfg", new NormConfig(NormKind.Batch));
        if (norm?.Kind != NormKind.Batch) throw backbone.Unsupported("norm_cfg");
        string style = backbone.Text("style", "pytorch");
        if (style is not ("pytorch" or "caffe")) throw backbone.Unsupported("style");
        var config = new ResNetConfig {
            Depth = backbone.Int("depth"),
            BaseChannels = width,
            Strides = backbone.Ints("strides") ?? [1, 2, 2, 2],
            Dilations = backbone.Ints("dilations") ?? [1, 1, 1, 1],
            OutIndices = backbone.Ints("out_indices") ?? [0, 1, 2, 3],
            FrozenStages = backbone.Int("frozen_stages", -1),
            NormEval = backbone.Bool("norm_eval", true),
            NormTrains = norm.Trains,
            CaffeStyle = style == "caffe",
        };
        if (backbone.Section("dcn") is { } dcn) {
            config = config with {
                Dcn = Dcn(dcn),
                DcnFallbackOnStride = dcn.Bool("fallback_on_stride", false),
                StageWithDcn = backbone.Bools("stage_with_dcn") ?? [false, false, false, false],
            };
            if (config.StageWithDcn.Count != stages)
                throw backbone.Wrong("stage_with_dcn", $"needs a value for each of the {stages} stages");
        } else {
            backbone.Ignore("stage_with_dcn");   // without dcn it says nothing
        }
        if (config.Strides.Count != stages) throw backbone.Wrong("strides", $"needs a value for each of the {stages} stages");
        if (config.Dilations.Count != stages) throw backbone.Wrong("dilations", $"needs a value for each of the {stages} stages");
        backbone.Check(config.Validate);
        return config;
    }

    /// <summary>Stacked hourglasses.</summary>
    public static HourglassConfig Hourglass(ConfigSection backbone) {
        backbone.Type("HourglassNet");
        backbone.Ignore("init_cfg", "pretrained");
        NormConfig? norm = Norm(backbone, "norm_cfg", new NormConfig(NormKind.Batch));
        if (norm?.Kind != NormKind.Batch) throw backbone.Unsupported("norm_cfg");
        var defaults = new HourglassConfig();
        var config = new HourglassConfig {
            DownsampleTimes = backbone.Int("downsample_times", defaults.DownsampleTimes),
            Stacks = backbone.Int("num_stacks", defaults.Stacks),
            StageChannels = backbone.Ints("stage_channels") ?? defaults.StageChannels,
            StageBlocks = backbone.Ints("stage_blocks") ?? defaults.StageBlocks,
            FeatChannels = backbone.Int("feat_channel", defaults.FeatChannels),
            NormTrains = norm.Trains,
        };
        backbone.Check(config.Validate);
        return config;
    }

    /// <summary>A deformable convolution; <c>DCN</c> is the first version.</summary>
    public static DcnConfig Dcn(ConfigSection section) {
        bool modulated = section.Type("DCN", "DCNv2") == "DCNv2";
        // The old name of the groups still reads.
        return new DcnConfig(modulated, section.Int(section.Has("deformable_groups") ? "deformable_groups" : "deform_groups", 1, 1));
    }

    /// <summary>A model's neck on maps of these channels: a feature pyramid, or a list of one and what balances it.</summary>
    public static FpnConfig Neck(ConfigSection model, IReadOnlyList<int> channels) {
        if (model.Value("neck") is not PythonList) return Fpn(model.Needed("neck"), channels);
        if (model.Sections("neck") is not [var first, var second]) throw model.Wrong("neck", "must be a dict, or a list of two");
        FpnConfig pyramid = Fpn(first, channels);
        second.Type("BFP");
        return pyramid with { Balance = Balance(second, pyramid.OutChannels, pyramid.Levels) };
    }

    /// <summary>What balances a pyramid's levels.</summary>
    public static BfpConfig Balance(ConfigSection neck, int channels, int levels) {
        neck.Ignore("init_cfg");
        neck.Nothing("conv_cfg");
        if (neck.Int("in_channels", channels) != channels) throw neck.Wrong("in_channels", $"does not fit the pyramid's {channels}");
        if (neck.Int("num_levels", levels) != levels) throw neck.Wrong("num_levels", $"does not fit the pyramid's {levels}");
        return new BfpConfig {
            RefineLevel = neck.Int("refine_level", 0, 0, levels - 1),
            Refinement = neck.Value("refine_type") is null or PythonNone ? Refinement.None : neck.Text("refine_type") switch {
                "conv" => Refinement.Convolution,
                "non_local" => Refinement.EmbeddedGaussian,
                _ => throw neck.Unsupported("refine_type"),
            },
            Norm = Norm(neck, "norm_cfg", null),
        };
    }

    /// <summary>A feature pyramid on maps of these channels.</summary>
    public static FpnConfig Fpn(ConfigSection neck, IReadOnlyList<int> channels) {
        neck.Type("FPN");
        neck.Ignore("init_cfg");
        neck.Nothing("conv_cfg");
        neck.Section("upsample_cfg")?.Only("mode", "nearest");
        if (neck.Ints("in_channels") is not { } inputs) throw neck.Missing("in_channels");
        if (!inputs.SequenceEqual(channels))
            throw neck.Wrong("in_channels", $"does not fit the backbone's outputs, [{string.Join(", ", channels)}]");
        ConfigSection? activation = neck.Section("act_cfg");
        activation?.Type("ReLU");
        activation?.Ignore("inplace");
        return new FpnConfig {
            OutChannels = neck.Int("out_channels", least: 1, most: 1 << 16),
            Levels = neck.Int("num_outs", least: 1, most: 16),
            StartLevel = neck.Int("start_level", 0),
            EndLevel = neck.Int("end_level", -1),
            ExtraLevels = Extra(neck),
            ReluBeforeExtraConvs = neck.Bool("relu_before_extra_convs", false),
            Norm = Norm(neck, "norm_cfg", null),
            NoNormOnLateral = neck.Bool("no_norm_on_lateral", false),
            Relu = activation is not null,
        };
    }

    /// <summary>A norm; None is none.</summary>
    public static NormConfig? Norm(ConfigSection section, string key, NormConfig? fallback) {
        if (section.Section(key) is not { } norm) return section.Value(key) is null ? fallback : null;
        string type = norm.Type("BN", "BN2d", "SyncBN", "MMSyncBN", "GN");
        norm.Only("eps", 1e-5);
        bool trains = norm.Bool("requires_grad", true);
        if (type == "GN") return new NormConfig(NormKind.Group, norm.Int("num_groups", least: 1), trains);
        norm.Only("momentum", 0.1);
        return new NormConfig(NormKind.Batch, Trains: trains);
    }

    /// <summary>True means inputs, or outputs where an old key beside it says so.</summary>
    private static ExtraLevels Extra(ConfigSection neck) {
        bool onInputs = neck.Bool("extra_convs_on_inputs", true);
        return neck.Value("add_extra_convs") switch {
            null or PythonBool { Value: false } => ExtraLevels.Subsample,
            PythonBool => onInputs ? ExtraLevels.OnInput : ExtraLevels.OnOutput,
            PythonText { Value: "on_input" } => ExtraLevels.OnInput,
            PythonText { Value: "on_lateral" } => ExtraLevels.OnLateral,
            PythonText { Value: "on_output" } => ExtraLevels.OnOutput,
            _ => throw neck.Unsupported("add_extra_convs"),
        };
    }
}
