namespace DenseEngine.Models;

/// <summary>Reads what mmdetection's heads without anchors have in common (<c>AnchorFreeHead</c> and the targets of
/// <c>FCOSHead</c>).</summary>
internal static class MmdetPoints {
    /// <summary>Backbone, neck, classes, towers and points.</summary>
    /// <param name="text">The text.</param>
    /// <param name="head">Its head.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="defaults">What the head has where the text says nothing.</param>
    public static T Read<T>(MmdetText text, ConfigSection head, MmdetClasses classes, T defaults) where T : PointConfig {
        MmdetHeads.DistancePoints(head.Section("bbox_coder"));
        return (T)((PointConfig)MmdetDense.Read(text, head, classes, defaults) with {
            Strides = head.Ints("strides") ?? [4, 8, 16, 32, 64],
            RegressRanges = head.FloatLists("regress_ranges") ?? defaults.RegressRanges,
            CenterSampling = head.Bool("center_sampling", false),
            CenterSampleRadius = head.Float("center_sample_radius", 1.5f),
            ConvBias = head.Value("conv_bias") switch {
                null or PythonText { Value: "auto" } => null,
                PythonBool bias => bias.Value,
                _ => throw head.Wrong("conv_bias", "must be True, False or 'auto'"),
            },
            DcnOnLastConv = head.Bool("dcn_on_last_conv", false),
        });
    }
}
