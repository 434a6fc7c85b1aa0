using System.Numerics;
using ILGPU;

namespace DenseEngine.Ops;

/// <summary>How groups of threads share lines of neighbouring elements: each group takes as many whole lines as its tile of shared memory
/// holds. A group's lines begin at a multiple of four elements whatever a line's length, so that they are read and written in accesses of
/// four; within the tile, each line is a few neighbouring threads' work.</summary>
internal readonly struct LineTile {
    /// <summary>Threads of a group, and elements that its tile holds: sixteen for each of them.</summary>
    public const int Threads = 128, Floats = 2048;

    /// <summary>Elements of a line.</summary>
    public readonly int Size;

    /// <summary>The number of lines.</summary>
    public readonly int Lines;

    /// <summary>Lines that a group takes, and threads that share one: powers of two.</summary>
    public readonly int InGroup, PerLine;

    /// <summary>The sharing of lines of a size that fits.</summary>
    public LineTile(int lines, int size) {
        (Lines, Size, InGroup) = (lines, size, CountFor(size));
        PerLine = Threads / InGroup;
    }

    /// <summary>Whether lines of a size can be shared so.</summary>
    public static bool Fits(int size) => size is > 0 and <= Floats && CountFor(size) * size % 4 == 0;

    /// <summary>The number of groups.</summary>
    public int Groups => (Lines + InGroup - 1) / InGroup;

    /// <summary>The line of a thread, which may lie beyond the last, and the first of its elements in the tile.</summary>
    public int Line(int group, int thread) => group * InGroup + thread / PerLine;

    /// <summary>The first of a thread's elements in the tile; the others follow at distances of <see cref="PerLine"/>.</summary>
    public int First(int thread) => thread / PerLine * Size + thread % PerLine;

    /// <summary>Where the elements of a thread's line end in the tile; 0 for a line beyond the last.</summary>
    public int End(int group, int thread) => Line(group, thread) < Lines ? (thread / PerLine + 1) * Size : 0;

    /// <summary>Fills a group's tile.</summary>
    public void Load(ArrayView<Float4> tile, ArrayView<float> x, int group, int thread) {
        int first = group * InGroup * Size, count = Math.Min(InGroup * Size, x.IntLength - first), whole = count >> 2;
        ArrayView<Float4> x4 = x.Cast<Float4>();
        if (whole > 0) {   // all loads of a thread at once; where there is nothing, the last again
            int at = first >> 2, last = whole - 1;
            Float4 a = x4[at + Math.Min(thread, last)], b = x4[at + Math.Min(thread + Threads, last)],
                c = x4[at + Math.Min(thread + 2 * Threads, last)], d = x4[at + Math.Min(thread + 3 * Threads, last)];
            if (thread < whole) tile[thread] = a;
            if (thread + Threads < whole) tile[thread + Threads] = b;
            if (thread + 2 * Threads < whole) tile[thread + 2 * Threads] = c;
            if (thread + 3 * Threads < whole) tile[thread + 3 * Threads] = d;
        }
        ArrayView<float> single = tile.Cast<float>();
        for (int i = 4 * whole + thread; i < count; i += Threads) single[i] = x[first + i];
    }

    /// <summary>Writes a group's tile.</summary>
    public void Store(ArrayView<float> y, ArrayView<Float4> tile, int group, int thread) {
        int first = group * InGroup * Size, count = Math.Min(InGroup * Size, y.IntLength - first), whole = count >> 2;
        ArrayView<Float4> y4 = y.Cast<Float4>();
        for (int i = thread; i < whole; i += Threads) y4[(first >> 2) + i] = tile[i];
        ArrayView<float> single = tile.Cast<float>();
        for (int i = 4 * whole + thread; i < count; i += Threads) y[first + i] = single[i];
    }

    private static int CountFor(int size) => (int)Math.Min(Threads, BitOperations.RoundUpToPowerOf2((uint)(Floats / size) + 1) / 2);
}
