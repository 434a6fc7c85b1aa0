using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Native memory for the host: 256-byte aligned, and large blocks on huge pages where the system allows it.</summary>
internal static unsafe partial class HostMemory {
    /// <summary>Bytes of a huge page.</summary>
    public const int HugePage = 2 << 20;

    private const int AdviseHugePage = 14, AdviseNotNeeded = 4;   // MADV_HUGEPAGE and MADV_DONTNEED on Linux

    /// <summary>Allocates a block; its contents are undefined.</summary>
    public static nint Allocate(long bytes) {
        bool large = bytes >= HugePage;
        try {
            void* block = NativeMemory.AlignedAlloc((nuint)bytes, large ? (nuint)HugePage : 256);
            if (large) AskHugePages((nint)block, bytes);
            return (nint)block;
        } catch (OutOfMemoryException e) {
            throw new OutOfDeviceMemoryException($"host: {bytes} bytes cannot be allocated.", e);
        }
    }

    /// <summary>Asks for huge pages where whole ones lie within some memory: a hint, whose refusal changes nothing.</summary>
    public static void AskHugePages(nint address, long bytes) {
        nint first = (address + HugePage - 1) & -HugePage, end = (nint)(address + bytes) & -HugePage;
        if (end > first && OperatingSystem.IsLinux()) _ = Advise(first, (nuint)(end - first), AdviseHugePage);
    }

    /// <summary>Gives the memory behind part of a block back to the system; the addresses stay the block's, their contents are
    /// lost.</summary>
    /// <param name="address">The first byte, at the beginning of a page.</param>
    /// <param name="bytes">How many, whole pages.</param>
    /// <returns>Whether the system did so.</returns>
    public static bool Release(nint address, long bytes) =>
        OperatingSystem.IsLinux() && Advise(address, (nuint)bytes, AdviseNotNeeded) == 0;

    /// <summary>Gives a block back to the system.</summary>
    public static void Free(nint block) => NativeMemory.AlignedFree((void*)block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
