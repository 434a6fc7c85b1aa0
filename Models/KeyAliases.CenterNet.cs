using System.Globalization;

namespace DenseEngine.Models;

internal sealed partial record KeyAliases {
    private const int MostStages = 8;   // of deconvolutions

    /// <summary>The names of the hourglass backbone in the official repositories of CornerNet and CenterNet.</summary>
    private static readonly (string Ours, string Theirs)[] Hourglass = [
        (@"^backbone\.stem\.1\.0\.", "pre.1."),
        (@"^backbone\.stem\.", "pre."),
        (@"^backbone\.hourglass_modules\.", "kps."),
        (@"^backbone\.inters\.", "inters."),
        (@"^backbone\.out_convs\.", "cnvs."),
        (@"^backbone\.conv1x1s\.(\d+)\.conv\.", "inters_.$1.0."),
        (@"^backbone\.conv1x1s\.(\d+)\.bn\.", "inters_.$1.1."),
        (@"^backbone\.remap_convs\.(\d+)\.conv\.", "cnvs_.$1.0."),
        (@"^backbone\.remap_convs\.(\d+)\.bn\.", "cnvs_.$1.1."),
        (@"\.downsample\.", ".skip."),
    ];

    /// <summary>The head's branches in the official repository, those of further properties by the names that they have by
    /// default.</summary>
    private static readonly (string Ours, string Theirs)[] Branches = [
        ("heatmap", "hm"), ("wh", "wh"), ("offset", "reg"), ("depth", "dep"), ("size3d", "dim"), ("orientation", "rot"),
        ("keypoints", "hps"), ("keypoints_heat", "hm_hp"), ("keypoints_offset", "hp_offset"),
    ];

    /// <summary>The official CenterNet's: DLA, ResNet with deformable convolutions, hourglasses.</summary>
    private static IEnumerable<KeyAliases> CenterNet() {
        (string, string)[] heads = [.. Branches.Select(branch => ($@"^bbox_head\.{branch.Ours}_head\.", branch.Theirs + "."))];
        (string, string) offsets = (@"\.conv_offset\.", ".conv_offset_mask.");
        yield return new("xingyizhou/CenterNet, DLA", [(@"^backbone\.", "base."), (@"^neck\.", ""),
            (@"\.(proj|node)_(\d+)\.bn\.", ".$1_$2.actf.0."), offsets, .. heads]);
        yield return new("xingyizhou/CenterNet, ResNet", [(@"^backbone\.", ""), .. Enumerable.Range(0, MostStages).SelectMany(Stage),
            offsets, .. heads]);
        yield return new("xingyizhou/CenterNet, hourglass", [.. Hourglass, .. Branches.SelectMany(branch => ((string, string)[])[
            ($@"^bbox_head\.(\d+)\.{branch.Ours}_head\.0\.", $"{branch.Theirs}.$1.0.conv."),
            ($@"^bbox_head\.(\d+)\.{branch.Ours}_head\.2\.", $"{branch.Theirs}.$1.1.")])]);
    }

    /// <summary>A stage's convolution, norm, ReLU, transposed convolution, norm and ReLU are a row of six.</summary>
    private static IEnumerable<(string, string)> Stage(int stage) =>
        from part in ((int Layer, string Name, int Place)[])[(0, "conv", 0), (0, "bn", 1), (1, "conv", 3), (1, "bn", 4)]
        select (string.Create(CultureInfo.InvariantCulture, $@"^neck\.deconv_layers\.{2 * stage + part.Layer}\.{part.Name}\."),
            string.Create(CultureInfo.InvariantCulture, $"deconv_layers.{6 * stage + part.Place}."));
}
