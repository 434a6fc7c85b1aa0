using ILGPU.Checking;

namespace ILGPU.Runtime;

/// <summary>A block of device memory.</summary>
public abstract unsafe class MemoryBuffer : IDisposable {
    private protected MemoryBuffer(Accelerator accelerator, long length, int elementSize) {
        Accelerator = accelerator;
        Length = length;
        ElementSize = elementSize;
        NativePtr = (nint)accelerator.Arena.Allocate(LengthInBytes, elementSize < 4);
        Number = Buffers.Add(this);
    }

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The size of one in bytes.</summary>
    public int ElementSize { get; }

    /// <summary>The size in bytes.</summary>
    public long LengthInBytes => Length * ElementSize;

    /// <summary>The address.</summary>
    public nint NativePtr { get; }

    /// <summary>Whether it was freed.</summary>
    public bool IsDisposed { get; private set; }

    internal int Number { get; }

    /// <summary>Frees the memory; views of it are refused from then on.</summary>
    public void Dispose() {
        if (IsDisposed) return;
        IsDisposed = true;
        Accelerator.Forget(this);
        Accelerator.Arena.Free((byte*)NativePtr, LengthInBytes, ElementSize < 4);
        Buffers.Remove(this);
        GC.SuppressFinalize(this);
    }
}
