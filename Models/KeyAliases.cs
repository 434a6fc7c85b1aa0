using System.Text.RegularExpressions;

namespace DenseEngine.Models;

/// <summary>Other names for some of a network's tensors, as somebody's checkpoints have them. They count where the file has no tensor of
/// our name and the network none of theirs. The official repositories of VarifocalNet, DDOD, GFocalV2 and, for the heads of GFL, LD need
/// none: they name their tensors as mmdetection does.</summary>
/// <param name="Source">Whose checkpoints.</param>
/// <param name="Pairs">Patterns of our names, and what stands in their places there; one after the other.</param>
internal sealed partial record KeyAliases(string Source, IReadOnlyList<(Regex Ours, string Theirs)> Pairs) {
    private KeyAliases(string source, params (string Ours, string Theirs)[] pairs)
        : this(source, [.. pairs.Select(pair => (new Regex(pair.Ours, RegexOptions.CultureInvariant), pair.Theirs))]) { }

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<KeyAliases> Known { get; } = [
        new("mmdetection 1, FCOSHead", (@"bbox_head\.conv_", "bbox_head.fcos_")),
        new("mmcv's deformable convolutions before their version 2", (@"\.conv_offset\.", "_offset.")),
        new("HikariTJU/LD, RetinaGFLHead and LDRetinaHead", (@"bbox_head\.retina_", "bbox_head.atss_")),
        .. CenterNet(),
        .. CornerNet(),
    ];

    /// <summary>Tensors that others' checkpoints have besides: nobody looks at them. A classifier stays behind in the official
    /// DLA.</summary>
    public static bool IsUnused(string name) => name.StartsWith("base.fc.", StringComparison.Ordinal);

    /// <summary>The tensor of a file that is meant by one of the network's names, or null.</summary>
    /// <param name="name">The network's name, which the file does not have.</param>
    /// <param name="left">The file's names that are not taken.</param>
    /// <param name="own">The network's names.</param>
    public static string? Find(string name, HashSet<string> left, HashSet<string> own) => Known.Select(alias => alias.Of(name))
        .FirstOrDefault(theirs => theirs != name && left.Contains(theirs) && !own.Contains(theirs));

    private string Of(string name) => Pairs.Aggregate(name, (given, pair) => pair.Ours.Replace(given, pair.Theirs));
}
