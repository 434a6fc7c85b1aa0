using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>The host's reads and writes of device memory: writes mark the cells as written, reads demand that they are.</summary>
internal static unsafe class HostAccess {
    public static byte* Write(IContiguousArrayView view, long bytes = -1) {
        Arena arena = Locate(view, out nuint offset, out byte* address);
        nuint end = offset + (nuint)(bytes < 0 ? view.LengthInBytes : bytes);
        while (offset < end) {
            ulong* cell = arena.Cell(offset, out int span);
            if (cell[0] == Shadow.Freed) throw new KernelFaultException("use after free: the host writes to memory that was given back");
            cell[0] = Shadow.ByHost;
            cell[arena.Plane] = cell[2 * arena.Plane] = 0;
            offset += (nuint)span;
        }
        return address;
    }

    public static byte* Read(IContiguousArrayView view, long bytes) {
        Arena arena = Locate(view, out nuint offset, out byte* address);
        if (!view.Buffer.Accelerator.Runner.Checks) return address;
        nuint start = offset, end = offset + (nuint)bytes;
        while (offset < end) {
            ulong written = arena.Cell(offset, out int span)[0];
            if (written == Shadow.Freed) throw new KernelFaultException("use after free: the host copies memory that was given back");
            if (written == 0)
                throw new KernelFaultException(
                    $"unwritten: the host copies memory that nothing has written: byte {offset - start} of {bytes}");
            offset += (nuint)span;
        }
        return address;
    }

    public static void Copy(IContiguousArrayView source, IContiguousArrayView target) {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.LengthInBytes, target.LengthInBytes);
        if (source.LengthInBytes == 0) return;
        byte* from = Read(source, source.LengthInBytes), to = Write(target, source.LengthInBytes);
        Buffer.MemoryCopy(from, to, source.LengthInBytes, source.LengthInBytes);
    }

    private static Arena Locate(IContiguousArrayView view, out nuint offset, out byte* address) {
        MemoryBuffer buffer = view.Buffer;
        Arena arena = buffer.Accelerator.Arena;
        address = (byte*)buffer.NativePtr + view.IndexInBytes;
        offset = (nuint)(address - arena.Base);
        return arena;
    }
}
