using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What the dense detectors with anchors have in common; by default one square anchor a cell that only serves the
/// assigner.</summary>
public abstract record AnchorConfig : DenseConfig {
    /// <summary>The anchors' heights over their widths.</summary>
    public IReadOnlyList<float> Ratios { get; init; } = [1];

    /// <summary>The smallest anchors' side in strides.</summary>
    public float OctaveBaseScale { get; init; } = 8;

    /// <summary>Sizes of anchors from one octave to the next.</summary>
    public int ScalesPerOctave { get; init; } = 1;

    /// <summary>The anchors' sides in strides, where they are not those that octaves give; else null.</summary>
    public IReadOnlyList<float>? Scales { get; init; }

    /// <summary>The anchors' centres, in strides from their cells' corners.</summary>
    public float CenterOffset { get; init; }

    /// <summary>Which anchors are to find which object.</summary>
    public Assigner Assigner { get; init; } = new AtssAssigner(9);

    /// <summary>By how many pixels anchors that are assigned may leave the picture; negative for any.</summary>
    public float AllowedBorder { get; init; } = -1;

    /// <summary>Which anchors are to find which object for the box branch, where that is to differ from the class branch (Chen et al.,
    /// 2021, section 3.2); null if not.</summary>
    public Assigner? BoxAssigner { get; init; }

    /// <summary>The anchors.</summary>
    internal AnchorGenerator Anchors() => new([.. Strides.Select(stride => (Pair)stride)], Ratios,
        Scales ?? AnchorGenerator.OctaveScales(OctaveBaseScale, ScalesPerOctave), centerOffset: CenterOffset);

    internal override void Validate() {
        base.Validate();
        Assigner.Validate();
        BoxAssigner?.Validate();
        bool sized = OctaveBaseScale is > 0 and < 1e6f && ScalesPerOctave is >= 1 and <= 64 && Scales is not ([] or { Count: > 64 })
            && (Scales ?? []).All(scale => scale is > 0 and < 1e6f);
        if (!sized || Ratios.Count is 0 or > 64 || Ratios.Any(ratio => !(ratio is > 0 and < 1e6f)) || !float.IsFinite(CenterOffset)) {
            throw new ConfigException(FormattableString.Invariant($"{Title}: the anchors' scale {OctaveBaseScale} must be above 0, ")
                + FormattableString.Invariant($"scales an octave {ScalesPerOctave} and ratios {Ratios.Count} from 1 to 64, ratios and scales ")
                + FormattableString.Invariant($"above 0, the offset {CenterOffset} finite."));
        }
    }
}
