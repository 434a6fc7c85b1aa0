namespace DenseEngine.Models;

/// <summary>Another name for some of a network's tensors, as somebody's checkpoints have it. It counts where the file has no tensor of our
/// name and the network none of theirs. The official repositories of VarifocalNet, DDOD, GFocalV2 and, for the heads of GFL, LD need
/// none: they name their tensors as mmdetection does.</summary>
/// <param name="Source">Whose checkpoints.</param>
/// <param name="Theirs">The part of the name that differs.</param>
/// <param name="Ours">What stands in its place here.</param>
internal sealed record KeyAliases(string Source, string Theirs, string Ours) {
    /// <summary>All that are known.</summary>
    public static IReadOnlyList<KeyAliases> Known { get; } = [
        new("mmdetection 1, FCOSHead", "bbox_head.fcos_", "bbox_head.conv_"),
        new("mmcv's deformable convolutions before their version 2", "_offset.", ".conv_offset."),
        new("HikariTJU/LD, RetinaGFLHead and LDRetinaHead", "bbox_head.atss_", "bbox_head.retina_"),
    ];

    /// <summary>The tensor of a file that is meant by one of the network's names, or null.</summary>
    /// <param name="name">The network's name, which the file does not have.</param>
    /// <param name="left">The file's names that are not taken.</param>
    /// <param name="own">The network's names.</param>
    public static string? Find(string name, HashSet<string> left, HashSet<string> own) => Known.Select(alias => alias.Of(name))
        .FirstOrDefault(theirs => theirs is not null && left.Contains(theirs) && !own.Contains(theirs));

    private string? Of(string name) {
        int start = name.IndexOf(Ours, StringComparison.Ordinal);
        return start < 0 ? null : string.Concat(name.AsSpan(0, start), Theirs, name.AsSpan(start + Ours.Length));
    }
}
