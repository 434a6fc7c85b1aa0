using System.Runtime.InteropServices;

namespace ILGPU.Checking;

/// <summary>All device and shared memory of an accelerator in one block that never moves, so that an address alone tells device memory
/// from a thread's private memory. It has two regions: one with a shadow cell for every four bytes, and a small one with a cell for
/// every byte, for element types under four bytes, whose neighbours would seem to race otherwise. Each starts with the group's shared
/// memory.</summary>
internal sealed unsafe class Arena : IDisposable {
    /// <summary>The shared memory of a group.</summary>
    public const int SharedBytes = SharedLayout.MostBytes;

    private const long Alignment = 256;
    private readonly Region main, small;
    private readonly Lock gate = new();
    private bool disposed;

    public Arena() {
        MainSize = (nuint)DefaultBytes;
        TotalSize = MainSize + MainSize / 16;
        Base = (byte*)NativeMemory.AlignedAlloc(TotalSize, 4096);
        Plane = MainSize / 4 + (TotalSize - MainSize);
        Cells = (ulong*)NativeMemory.AllocZeroed(Plane * 3, sizeof(ulong));
        main = new Region(SharedBytes, (long)MainSize);
        small = new Region((long)MainSize + SharedBytes, (long)TotalSize);
    }

    /// <summary>The memory of each accelerator: <c>ILGPU_CHECKED_MIB</c> of the environment, or 256 MiB. Only what is touched is
    /// taken.</summary>
    public static long DefaultBytes { get; } =
        (int.TryParse(Environment.GetEnvironmentVariable("ILGPU_CHECKED_MIB"), out int mib)
            && mib is >= 1 and <= 1 << 16 ? mib : 256L) << 20;

    public byte* Base { get; }

    public nuint MainSize { get; }

    public nuint TotalSize { get; }

    /// <summary>The first words of all cells, the last plain write each; then the second ones, a summary of plain reads; then the third, a
    /// summary of atomics. So the words that an access of 16 bytes asks for stand side by side.</summary>
    public ulong* Cells { get; }

    /// <summary>From a word of a cell to its next.</summary>
    public nuint Plane { get; }

    /// <summary>An address of free memory whose cells say that nothing was written.</summary>
    public byte* Allocate(long bytes, bool smallElements) {
        long size = Math.Max(Alignment, (bytes + Alignment - 1) / Alignment * Alignment);
        lock (gate) {
            long offset = (smallElements ? small : main).Take(size);
            if (offset < 0) throw new InsufficientMemoryException(
                $"The checking device's memory of {DefaultBytes >> 20} MiB is used up; ILGPU_CHECKED_MIB sets it.");
            SetCells(offset, size, 0);
            return Base + offset;
        }
    }

    public void Free(byte* address, long bytes, bool smallElements) {
        long size = Math.Max(Alignment, (bytes + Alignment - 1) / Alignment * Alignment);
        lock (gate) {
            SetCells(address - Base, size, Shadow.Freed);
            (smallElements ? small : main).Give(address - Base, size);
        }
    }

    /// <summary>Marks memory as unwritten or as given back, though it stays allocated: a pool's block between two uses.</summary>
    public void Mark(byte* address, long bytes, ulong stamp) {
        lock (gate) {
            if (!disposed) SetCells(address - Base, bytes, stamp);
        }
    }

    /// <summary>The first word of a byte's cell, and how many bytes from there on it stands for.</summary>
    public ulong* Cell(nuint offset, out int span) {
        bool inMain = offset < MainSize;
        span = inMain ? 4 - (int)(offset & 3) : 1;
        return Cells + (inMain ? offset >> 2 : MainSize / 4 + (offset - MainSize));
    }

    /// <summary>Whether the byte is shared memory.</summary>
    public bool IsShared(nuint offset) => (offset < MainSize ? offset : offset - MainSize) < SharedBytes;

    /// <summary>Forgets which launch wrote what, when launch numbers start again.</summary>
    public void ForgetLaunches() {
        lock (gate) {
            Forget(0, main.Used);
            Forget((long)MainSize, small.Used);
        }
    }

    public void Dispose() {
        lock (gate) {
            disposed = true;
            NativeMemory.AlignedFree(Base);
            NativeMemory.Free(Cells);
        }
    }

    private void SetCells(long offset, long size, ulong write) {
        ulong* cell = Cell((nuint)offset, out int span);
        int count = checked((int)(size / span));
        new Span<ulong>(cell, count).Fill(write);
        new Span<ulong>(cell + Plane, count).Clear();
        new Span<ulong>(cell + 2 * Plane, count).Clear();
    }

    private void Forget(long from, long until) {
        for (nuint offset = (nuint)from; offset < (nuint)until;) {
            ulong* cell = Cell(offset, out int span);
            if (cell[0] > Shadow.Freed) cell[0] = Shadow.ByHost;
            cell[Plane] = cell[2 * Plane] = 0;
            offset += (nuint)span;
        }
    }

    /// <summary>Fresh memory first, freed memory only when that is used up: what was freed stays recognisable as long as
    /// possible.</summary>
    private sealed class Region(long start, long end) {
        private readonly List<(long Offset, long Size)> free = [];

        public long Used { get; private set; } = start;

        public long Take(long size) {
            if (Used + size <= end) {
                Used += size;
                return Used - size;
            }
            Merge();
            int found = free.FindIndex(block => block.Size >= size);
            if (found < 0) return -1;
            (long offset, long have) = free[found];
            if (have == size) free.RemoveAt(found);
            else free[found] = (offset + size, have - size);
            return offset;
        }

        public void Give(long offset, long size) => free.Add((offset, size));

        private void Merge() {
            free.Sort();
            for (int i = free.Count - 1; i > 0; i--) {
                if (free[i - 1].Offset + free[i - 1].Size != free[i].Offset) continue;
                free[i - 1] = (free[i - 1].Offset, free[i - 1].Size + free[i].Size);
                free.RemoveAt(i);
            }
        }
    }
}
