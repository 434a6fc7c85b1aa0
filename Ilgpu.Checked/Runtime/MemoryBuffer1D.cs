namespace ILGPU.Runtime;

/// <summary>Device memory for a one-dimensional array.</summary>
public class MemoryBuffer1D<T, TStride> : MemoryBuffer<ArrayView1D<T, TStride>> where T : unmanaged where TStride : struct, IStride1D {
    internal unsafe MemoryBuffer1D(Accelerator accelerator, long length) : base(accelerator, length, sizeof(T)) =>
        View = new ArrayView1D<T, TStride>(new ArrayView<T>((byte*)NativePtr, length, Number), length, default);

    /// <summary>The number of elements, as a 32-bit index.</summary>
    public Index1D IntExtent => View.IntExtent;
}
