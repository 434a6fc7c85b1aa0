namespace DenseEngine.Models;

/// <summary>Reads what mmdetection's one-stage detectors have in common.</summary>
internal static class MmdetDense {
    /// <summary>The head's section, of one type among some.</summary>
    public static ConfigSection Head(MmdetText text, params string[] types) {
        ConfigSection head = text.Model.Needed("bbox_head");
        head.Type(types);
        return head;
    }

    /// <summary>Backbone, neck, classes and towers.</summary>
    /// <param name="text">The text.</param>
    /// <param name="head">Its head.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="defaults">What the head has where the text says nothing.</param>
    public static T Read<T>(MmdetText text, ConfigSection head, MmdetClasses classes, T defaults) where T : DenseConfig {
        (ResNetConfig backbone, FpnConfig pyramid) = MmdetNetwork.Pyramid(text.Model);
        head.Ignore("init_cfg");
        head.Nothing("conv_cfg");
        head.Only("in_channels", (double)pyramid.OutChannels);
        return (T)((DenseConfig)defaults with {
            Classes = classes.Read(head),
            Backbone = backbone,
            Neck = pyramid,
            StackedConvs = head.Int("stacked_convs", defaults.StackedConvs),
            FeatChannels = head.Int("feat_channels", 256),
            HeadNorm = MmdetNetwork.Norm(head, "norm_cfg", defaults.HeadNorm),
        });
    }

    /// <summary>The anchors, and how they are assigned; the end of the head's reading, which is checked.</summary>
    /// <param name="text">The text.</param>
    /// <param name="head">Its head.</param>
    /// <param name="config">What was read so far.</param>
    /// <param name="single">Whether the head has one square anchor a cell.</param>
    public static T Anchored<T>(MmdetText text, ConfigSection head, T config, bool single) where T : AnchorConfig {
        ConfigSection generator = head.Needed("anchor_generator");
        MmdetAnchors anchors = MmdetHeads.Anchors(generator);
        if (single && anchors.Ratios is not [1]) throw generator.Unsupported("ratios");
        if (single && anchors.ScalesPerOctave != 1) throw generator.Unsupported("scales_per_octave");
        if (single && anchors.Scales is not null) throw generator.Unsupported("scales");
        config = (T)((AnchorConfig)config with {
            Strides = anchors.Strides,
            Ratios = anchors.Ratios,
            OctaveBaseScale = anchors.OctaveBaseScale,
            ScalesPerOctave = anchors.ScalesPerOctave,
            Scales = anchors.Scales,
            CenterOffset = anchors.CenterOffset,
        });
        if (text.TrainConfig is { } train) {
            Training(train);
            config = (T)((AnchorConfig)config with {
                Assigner = MmdetHeads.Assigner(train.Needed("assigner")),
                BoxAssigner = train.Section("reg_assigner") is { } own ? MmdetHeads.Assigner(own) : null,
                AllowedBorder = train.Float("allowed_border", -1),
            });
        }
        head.Check(config.Validate);
        return config;
    }

    /// <summary>What all heads' <c>train_cfg</c> may say beside the assigner.</summary>
    public static void Training(ConfigSection train) {
        train.Ignore("debug");
        if (train.Float("pos_weight", -1) > 0) throw train.Unsupported("pos_weight");
        if (train.Section("sampler") is { } sampler) sampler.Type("PseudoSampler");
    }
}
