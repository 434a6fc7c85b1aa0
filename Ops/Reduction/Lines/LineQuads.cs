using System.Numerics;

namespace DenseEngine.Ops;

/// <summary>How groups of threads share lines of a few fours of neighbouring elements: a line is a few neighbouring threads' work, each of
/// which has up to four fours in registers.</summary>
internal readonly struct LineQuads {
    /// <summary>Threads of a group, and fours that each has.</summary>
    public const int Threads = 128, PerThread = 4;

    /// <summary>Threads that share the longest line.</summary>
    private const int MostThreads = 32;

    /// <summary>The number of lines, the fours of each, and the threads that share one, a power of two.</summary>
    public readonly int Lines, Quads, PerLine;

    public LineQuads(int lines, int size) {
        (Lines, Quads) = (lines, size / 4);
        PerLine = (int)BitOperations.RoundUpToPowerOf2((uint)((Quads + PerThread - 1) / PerThread));
    }

    /// <summary>Whether lines of a size can be shared so.</summary>
    public static bool Fits(int size) => size is > 0 and <= 4 * PerThread * MostThreads && size % 4 == 0;

    /// <summary>The number of groups.</summary>
    public int Groups => (Lines + Threads / PerLine - 1) / (Threads / PerLine);

    /// <summary>The first of a thread's fours; the others follow at distances of <see cref="PerLine"/>.</summary>
    public int First(int group, int thread) => Line(group, thread) * Quads + thread % PerLine;

    /// <summary>How many fours its line has from that on; none beyond the last line.</summary>
    public int Left(int group, int thread) => Line(group, thread) < Lines ? Quads - thread % PerLine : 0;

    private int Line(int group, int thread) => group * (Threads / PerLine) + thread / PerLine;
}
