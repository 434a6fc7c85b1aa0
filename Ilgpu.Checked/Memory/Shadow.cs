using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ILGPU.Checking;

/// <summary>The rules of memory. A stamp says who accessed a cell: launch (16 bits), group (24), barrier interval (13), thread (11); all
/// ones in the thread's bits mean several threads of the group, all ones below the launch several groups. Two accesses are ordered only
/// by a launch, or within a group by a barrier, so a cell's last write and summaries of its reads and atomics tell every race on the
/// path taken, whatever the order in which threads run.</summary>
internal static unsafe class Shadow {
    /// <summary>The stamp of what the host wrote.</summary>
    public const ulong ByHost = 1;

    /// <summary>The stamp of memory that was given back: no access is right.</summary>
    public const ulong Freed = 2;

    public const ulong SeveralThreads = (1UL << 11) - 1;
    public const ulong SeveralGroups = (1UL << 48) - 1;
    public const int IntervalShift = 11, GroupShift = 24, LaunchShift = 48;
    public const int MostGroups = (1 << 24) - 2, MostIntervals = (1 << 13) - 2, MostThreads = (1 << 11) - 2, MostLaunches = (1 << 16) - 1;

    /// <summary>Before a load: called by the rewritten kernel. Returns at once for private memory and for what this thread, several of the
    /// group in this interval, or several groups have read: a conflicting write would have been reported.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(nuint address, int size, int site, ThreadContext c) {
        nuint offset = address - c.Base;
        if (offset >= c.TotalSize) return;
        if (offset < c.MainSize) {
            ulong* reads = c.Cells + c.Plane + (offset >> 2);
            if (size == 4 && (*reads == c.Stamp || *reads == c.StampThreads || *reads == c.StampGroups)) return;
            if (size == 16) {
                var four = Vector256.Load(reads);   // views of elements this wide are aligned to four bytes at least
                if ((Vector256.Equals(four, Vector256.Create(c.StampThreads)) | Vector256.Equals(four, Vector256.Create(c.Stamp))
                    | Vector256.Equals(four, Vector256.Create(c.StampGroups))) == Vector256<ulong>.AllBitsSet) return;
            }
        }
        LoadCells(offset, size, site, c);
    }

    /// <summary>Before a store. Returns at once where this thread has written since the last barrier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(nuint address, int size, int site, ThreadContext c) {
        nuint offset = address - c.Base;
        if (offset >= c.TotalSize) return;
        if (size == 4 && offset < c.MainSize && c.Cells[offset >> 2] == c.Stamp) return;
        StoreCells(offset, size, site, c);
    }

    /// <summary>Before an atomic change.</summary>
    public static void Atomic(nuint address, int size, int site, ThreadContext c) {
        nuint offset = address - c.Base, end = offset + (nuint)size;
        if (offset >= c.TotalSize) return;
        bool shared = c.Arena.IsShared(offset);
        while (offset < end) {
            ulong* cell = c.Arena.Cell(offset, out int span);
            if (cell[0] == Freed) Faults.At(offset, "use after free: changes memory that was given back", c, site);
            if (Unwritten(cell[0], c.Stamp, shared)) Faults.At(offset, "unwritten: changes memory that nothing has written", c, site);
            if (Conflict(cell[0], c.Stamp, shared)) Race(offset, "atomic change of a value written", cell[0], c, site);
            if (Conflict(cell[c.Plane], c.Stamp, shared)) Race(offset, "atomic change of a cell read", cell[c.Plane], c, site);
            cell[2 * c.Plane] = Merge(cell[2 * c.Plane], c.Stamp, shared);
            offset += (nuint)span;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadCells(nuint offset, int size, int site, ThreadContext c) {
        nuint end = offset + (nuint)size;
        bool shared = c.Arena.IsShared(offset);
        while (offset < end) {
            ulong* cell = c.Arena.Cell(offset, out int span);
            ulong read = cell[c.Plane];
            if (read != c.Stamp && read != c.StampThreads && read != c.StampGroups) {
                if (cell[0] == Freed) Faults.At(offset, "use after free: reads memory that was given back", c, site);
                if (Unwritten(cell[0], c.Stamp, shared)) Faults.At(offset, "unwritten: reads memory that nothing has written", c, site);
                if (Conflict(cell[0], c.Stamp, shared)) Race(offset, "read of a value written", cell[0], c, site);
                if (Conflict(cell[2 * c.Plane], c.Stamp, shared))
                    Race(offset, "read of a cell atomically changed", cell[2 * c.Plane], c, site);
                cell[c.Plane] = Merge(read, c.Stamp, shared);
            }
            offset += (nuint)span;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreCells(nuint offset, int size, int site, ThreadContext c) {
        nuint end = offset + (nuint)size;
        bool shared = c.Arena.IsShared(offset);
        while (offset < end) {
            ulong* cell = c.Arena.Cell(offset, out int span);
            if (cell[0] != c.Stamp) {
                if (cell[0] == Freed) Faults.At(offset, "use after free: writes to memory that was given back", c, site);
                if (Conflict(cell[0], c.Stamp, shared)) Race(offset, "write over a value written", cell[0], c, site);
                if (Conflict(cell[c.Plane], c.Stamp, shared)) Race(offset, "write to a cell read", cell[c.Plane], c, site);
                if (Conflict(cell[2 * c.Plane], c.Stamp, shared))
                    Race(offset, "write to a cell atomically changed", cell[2 * c.Plane], c, site);
                cell[0] = c.Stamp;
            }
            offset += (nuint)span;
        }
    }

    /// <summary>Whether nothing was written: ever in global memory, by this group in shared memory.</summary>
    private static bool Unwritten(ulong write, ulong mine, bool shared) => shared ? write >> GroupShift != mine >> GroupShift : write == 0;

    private static bool Conflict(ulong other, ulong mine, bool shared) {
        if ((other ^ mine) >> LaunchShift != 0) return false;
        if ((other ^ mine) >> GroupShift != 0) return !shared;
        return (other ^ mine) >> IntervalShift == 0 && other != mine;
    }

    private static ulong Merge(ulong before, ulong mine, bool shared) {
        if ((before ^ mine) >> LaunchShift != 0) return mine;
        if ((before & SeveralGroups) == SeveralGroups) return before;
        if ((before ^ mine) >> GroupShift != 0) return shared ? mine : mine | SeveralGroups;
        if ((before ^ mine) >> IntervalShift != 0) return mine;
        return before == mine ? before : before | SeveralThreads;
    }

    private static void Race(nuint offset, string what, ulong other, ThreadContext c, int site) {
        bool sameGroup = (other ^ c.Stamp) >> GroupShift == 0;
        string threads = (other & SeveralThreads) == SeveralThreads ? "several threads" : $"thread {other & SeveralThreads}";
        string who = (other & SeveralGroups) == SeveralGroups ? "several groups"
            : $"group {other >> GroupShift & ((1 << 24) - 1)} {threads}";
        Faults.At(offset, sameGroup ? $"race in a group: {what} by {who} with no barrier between"
            : $"race between groups: {what} by {who}", c, site);
    }
}
