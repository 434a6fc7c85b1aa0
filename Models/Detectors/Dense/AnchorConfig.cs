using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What the dense detectors with anchors have in common; by default one square anchor a cell that only serves the
/// assigner.</summary>
public abstract record AnchorConfig : DenseConfig {
    /// <summary>The anchors' heights over their widths.</summary>
    public IReadOnlyList<float> Ratios { get; init; } = [1];

    /// <summary>The smallest anchors' side in strides.</summary>
    public int OctaveBaseScale { get; init; } = 8;

    /// <summary>Sizes of anchors from one octave to the next.</summary>
    public int ScalesPerOctave { get; init; } = 1;

    /// <summary>Which anchors are to find which object.</summary>
    public Assigner Assigner { get; init; } = new AtssAssigner(9);

    /// <summary>By how many pixels anchors that are assigned may leave the picture; negative for any.</summary>
    public float AllowedBorder { get; init; } = -1;

    /// <summary>Which anchors are to find which object for the box branch, where that is to differ from the class branch (Chen et al., 2021,
    /// section 3.2); null if not.</summary>
    public Assigner? BoxAssigner { get; init; }

    /// <summary>The anchors.</summary>
    internal AnchorGenerator Anchors() => new([.. Strides.Select(stride => (Pair)stride)], Ratios,
        AnchorGenerator.OctaveScales(OctaveBaseScale, ScalesPerOctave));

    internal override void Validate() {
        base.Validate();
        Assigner.Validate();
        BoxAssigner?.Validate();
        if (OctaveBaseScale < 1 || ScalesPerOctave is < 1 or > 64 || Ratios.Count is 0 or > 64 || Ratios.Any(ratio => !(ratio > 0))) {
            throw new ConfigException($"{Title}: the anchors' scale {OctaveBaseScale} must be at least 1, scales an octave {ScalesPerOctave} "
                + $"and ratios {Ratios.Count} from 1 to 64, ratios above 0.");
        }
    }
}
