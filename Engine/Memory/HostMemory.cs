using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Native memory for the host: 256-byte aligned, and large blocks on huge pages where the system allows it.</summary>
internal static unsafe partial class HostMemory {
    private const long HugePage = 2 << 20;
    private const int AdviseHugePage = 14;   // MADV_HUGEPAGE on Linux

    /// <summary>Allocates a block; its contents are undefined.</summary>
    public static nint Allocate(long bytes) {
        bool large = bytes >= HugePage;
        try {
            void* block = NativeMemory.AlignedAlloc((nuint)bytes, large ? (nuint)HugePage : 256);
            // a hint: refusal changes nothing
            if (large && OperatingSystem.IsLinux()) _ = Advise((nint)block, (nuint)bytes, AdviseHugePage);
            return (nint)block;
        } catch (OutOfMemoryException e) {
            throw new OutOfDeviceMemoryException($"host: {bytes} bytes cannot be allocated.", e);
        }
    }

    /// <summary>Gives a block back to the system.</summary>
    public static void Free(nint block) => NativeMemory.AlignedFree((void*)block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
