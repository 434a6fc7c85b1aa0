using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Native memory for the host: 256-byte aligned, and large blocks on huge pages where the system allows it.</summary>
internal static unsafe partial class HostMemory {
    /// <summary>Bytes of a huge page.</summary>
    public const int HugePage = 2 << 20;

    private const int AdviseHugePage = 14;   // MADV_HUGEPAGE on Linux

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

    /// <summary>Gives a block back to the system.</summary>
    public static void Free(nint block) => NativeMemory.AlignedFree((void*)block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
