using ILGPU.Checking;

namespace ILGPU.Runtime;

/// <summary>Host memory that a device can fetch by itself. Here it lies among the device's own, all of it written by the host.</summary>
public abstract unsafe class PageLockedArray<T> : IDisposable where T : unmanaged {
    private readonly MemoryBuffer1D<T, Stride1D.Dense> buffer;

    private protected PageLockedArray(Accelerator accelerator, long length) {
        buffer = accelerator.Allocate1D<T>(length);
        if (length > 0) HostAccess.Write(ArrayView);
    }

    /// <summary>The elements, for the host.</summary>
    public abstract Span<T> Span { get; }

    /// <summary>The elements, for transfers.</summary>
    public ArrayView<T> ArrayView => buffer.View.BaseView;

    /// <summary>The number of elements.</summary>
    public long Length => buffer.Length;

    private protected Span<T> Elements => new((void*)buffer.NativePtr, checked((int)buffer.Length));

    /// <summary>Frees the memory.</summary>
    public void Dispose() {
        buffer.Dispose();
        GC.SuppressFinalize(this);
    }
}
