namespace DenseEngine;

/// <summary>Large blocks of host memory, cut from wide pieces of address space. A block goes where the least memory is touched that was not
/// touched before, then where the least is left over; a freed one joins its free neighbours. So the tensors of a forward pass lie, by their
/// lifetimes, in little more than the most that lives at once, and the next pass finds the same places. Not safe for several
/// threads.</summary>
/// <param name="keeps">Whether freed memory waits for reuse; otherwise it goes back to the system at once.</param>
internal sealed class HostArena(bool keeps) {
    /// <summary>The smallest block that is taken from here.</summary>
    public const long Least = 1 << 18;

    /// <summary>Address space taken at once. It costs nothing until it is touched, but elsewhere than on Linux and macOS the system sets
    /// as much aside.</summary>
    private static readonly long Piece = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? 1L << 30 : 1L << 25;

    private readonly List<(nint Start, long Length)> pieces = [];
    private readonly List<Free> free = [];   // by address; neighbours differ in whether they are touched, or in their piece

    /// <summary>Free addresses.</summary>
    /// <param name="Start">The first.</param>
    /// <param name="Length">How many.</param>
    /// <param name="Piece">Where the piece begins that they are of.</param>
    /// <param name="Touched">Whether there is memory behind them.</param>
    private readonly record struct Free(nint Start, long Length, nint Piece, bool Touched) {
        public nint End => (nint)(Start + Length);
    }

    /// <summary>Bytes with memory behind them: blocks, and what waits for reuse.</summary>
    public long Reserved { get; private set; }

    /// <summary>The size of the block for some bytes: whole pages.</summary>
    public static long Round(long bytes) =>
        (bytes + Environment.SystemPageSize - 1) / Environment.SystemPageSize * Environment.SystemPageSize;

    /// <summary>Whether a block is of this arena.</summary>
    public bool Owns(nint block) => PieceOf(block) != 0;

    /// <summary>A block, its contents undefined.</summary>
    /// <param name="size">Its bytes, rounded.</param>
    /// <param name="most">The most bytes of new memory that it may take.</param>
    /// <exception cref="OutOfDeviceMemoryException">It would take more, or the system has none.</exception>
    public nint Take(long size, long most) {
        (int at, long touched) = Best(size);
        if (size - touched > most) throw new OutOfDeviceMemoryException($"{size} bytes more would exceed the limit.");
        if (at < 0) {
            Grow(size);
            (at, touched) = Best(size);
        }
        Reserved += size - touched;
        Free first = free[at];
        if (first.Length > size) {
            free[at] = first with { Start = (nint)(first.Start + size), Length = first.Length - size };
            return first.Start;
        }
        free.RemoveAt(at);
        if (first.Length == size) return first.Start;
        long rest = size - first.Length;   // from the untouched addresses behind
        Free second = free[at];
        if (second.Length == rest) free.RemoveAt(at);
        else free[at] = second with { Start = (nint)(second.Start + rest), Length = second.Length - rest };
        return first.Start;
    }

    /// <summary>Takes a block back.</summary>
    public void Return(nint block, long size) {
        int at = Insert(new Free(block, size, PieceOf(block), true));
        if (!keeps) Release(at);
    }

    /// <summary>Gives what waits for reuse back to the system.</summary>
    public void Trim() {
        for (int i = free.Count - 1; i >= 0; i--)
            if (i < free.Count && free[i].Touched) Release(i);
        for (int i = pieces.Count - 1; i >= 0; i--) {
            (nint start, long length) = pieces[i];
            Free[] parts = [.. free.Where(each => each.Piece == start)];
            if (parts.Sum(each => each.Length) < length) continue;
            Reserved -= parts.Where(each => each.Touched).Sum(each => each.Length);
            free.RemoveAll(each => each.Piece == start);
            pieces.RemoveAt(i);
            HostMemory.Free(start);
        }
    }

    /// <summary>The range where a block goes, and how much of the block has been touched; -1 if it fits nowhere.</summary>
    private (int At, long Touched) Best(long size) {
        int best = -1;
        long bestTouched = -1, bestLength = long.MaxValue;
        for (int i = 0; i < free.Count; i++) {
            Free range = free[i];
            long touched = range.Touched ? Math.Min(size, range.Length) : 0, length = range.Length;
            if (range.Touched && length < size && i + 1 < free.Count && Follows(range, free[i + 1])) length += free[i + 1].Length;
            if (length < size || touched < bestTouched || (touched == bestTouched && length >= bestLength)) continue;
            (best, bestTouched, bestLength) = (i, touched, length);
        }
        return (best, Math.Max(0, bestTouched));
    }

    private nint PieceOf(nint block) {
        foreach ((nint start, long length) in pieces)
            if (block >= start && block < start + length) return start;
        return 0;
    }

    private static bool Follows(Free range, Free next) => next.Start == range.End && next.Piece == range.Piece;

    private void Grow(long size) {
        long length = (Math.Max(size, Piece) + HostMemory.HugePage - 1) / HostMemory.HugePage * HostMemory.HugePage;
        nint start;
        try {
            start = HostMemory.Allocate(length);
        } catch (OutOfDeviceMemoryException) when (length > size) {   // the address space itself may be limited
            start = HostMemory.Allocate(length = size);
        }
        pieces.Add((start, length));
        Insert(new Free(start, length, start, false));
    }

    /// <summary>Puts a range among the others, joined with neighbours of its kind.</summary>
    private int Insert(Free range) {
        int at = 0;
        while (at < free.Count && free[at].Start < range.Start) at++;
        if (at < free.Count && Follows(range, free[at]) && free[at].Touched == range.Touched) {
            range = range with { Length = range.Length + free[at].Length };
            free.RemoveAt(at);
        }
        if (at > 0 && Follows(free[at - 1], range) && free[at - 1].Touched == range.Touched) {
            free[at - 1] = free[at - 1] with { Length = free[at - 1].Length + range.Length };
            return at - 1;
        }
        free.Insert(at, range);
        return at;
    }

    /// <summary>Gives a range's memory back, where the system takes parts of a piece.</summary>
    private void Release(int at) {
        Free range = free[at];
        if (!HostMemory.Release(range.Start, range.Length)) return;
        Reserved -= range.Length;
        free.RemoveAt(at);
        Insert(range with { Touched = false });
    }
}
