using System.Numerics;

namespace DenseEngine.Ops;

/// <summary>How groups of threads share scans: each takes some lanes, four scans side by side; its threads take neighbouring segments of a
/// lane, pass by pass. The cut depends on the sizes alone.</summary>
internal readonly struct ScanCut {
    /// <summary>Threads of a group, and positions that a thread has in registers.</summary>
    public const int Threads = 256, PerThread = 8;

    /// <summary>Segments of a pass, at least as many as share a word of records, and at most.</summary>
    private const int LeastSegments = ScanGeometry.WordLength / PerThread, MostSegments = 32;

    /// <summary>Segments of a pass; lanes of a group; lanes side by side; groups side by side; all groups.</summary>
    public readonly int Segments, Lanes, Quads, Across, Groups;

    public ScanCut(ScanGeometry scan) {
        int wanted = (int)BitOperations.RoundUpToPowerOf2((uint)((scan.Length + PerThread - 1) / PerThread));
        Segments = Math.Clamp(wanted, LeastSegments, MostSegments);
        (Lanes, Quads) = (Threads / Segments, (scan.Lanes + 3) >> 2);
        Across = (Quads + Lanes - 1) / Lanes;
        Groups = checked(scan.Outer * Across);
    }

    /// <summary>Positions of a pass.</summary>
    public int Positions => Segments * PerThread;

    /// <summary>A thread's scans: the outer number, and the lane, which may lie beyond the last.</summary>
    public (int Outer, int Lane) Place(int group, int beside) {
        int outer = group / Across;
        return (outer, (group - outer * Across) * Lanes + beside);
    }
}
