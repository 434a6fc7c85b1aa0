using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Managed arrays of many megabytes, pictures say. On Linux they ask for huge pages, as tensors' memory does: reading every third
/// row of a photograph is bound by page walks otherwise, and filling it by page faults.</summary>
public static class LargeArray {
    private const int Large = 4 * HostMemory.HugePage;

    /// <summary>An array whose contents are undefined.</summary>
    /// <param name="length">Bytes.</param>
    public static byte[] Bytes(int length) {
        byte[] array = GC.AllocateUninitializedArray<byte>(length);
        if (length < Large) return array;
        GCHandle pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        try {
            HostMemory.AskHugePages(pin.AddrOfPinnedObject(), length);
        } finally {
            pin.Free();
        }
        return array;
    }
}
