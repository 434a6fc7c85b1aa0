using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The rule by which assigners leave out anchors in regions to ignore (crowds).</summary>
internal static class IgnoredAnchors {
    /// <summary>Which anchors are left out; empty if none can be.</summary>
    /// <param name="anchors">The anchors.</param>
    /// <param name="regions">What to ignore.</param>
    /// <param name="threshold">The share from which on (exclusive) an anchor is left out; 0 or less for never.</param>
    /// <param name="ofAnchor">Whether it is the share of the anchor that lies in the region, else of the region in the anchor.</param>
    public static bool[] Of(ReadOnlySpan<Box> anchors, Box[] regions, float threshold, bool ofAnchor = true) {
        if (threshold <= 0 || regions.Length == 0) return [];
        bool[] ignored = new bool[anchors.Length];
        for (int i = 0; i < ignored.Length; i++)
            foreach (Box region in regions) ignored[i] |= (ofAnchor ? anchors[i].Iof(region) : region.Iof(anchors[i])) > threshold;
        return ignored;
    }
}
