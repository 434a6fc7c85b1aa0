using System.Runtime.CompilerServices;
using ILGPU.Checking;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>A typed, contiguous view of device memory. It is unmanaged, so that it can lie in an argument block or a thread's frame:
/// an address in the accelerator's arena, a length, and the number of its buffer (for messages and host-side checks).</summary>
public readonly unsafe struct ArrayView<T> : IContiguousArrayView<T> where T : unmanaged {
    /// <summary>A view of nothing.</summary>
    public static readonly ArrayView<T> Empty;

    /// <summary>The size of an element in bytes.</summary>
    public static readonly int ElementSize = sizeof(T);

    private readonly byte* address;
    private readonly long length;
    private readonly int buffer;

    internal ArrayView(byte* address, long length, int buffer) {
        this.address = address;
        this.length = length;
        this.buffer = buffer;
    }

    int IArrayView.ElementSize => sizeof(T);

    /// <inheritdoc/>
    public bool IsValid => address != null && length > 0;

    /// <inheritdoc/>
    public long Length => length;

    /// <summary>The number of elements, in 32 bits.</summary>
    public int IntLength => checked((int)length);

    /// <inheritdoc/>
    public long LengthInBytes => length * sizeof(T);

    /// <summary>The number of elements, as an index.</summary>
    public LongIndex1D Extent => new(length);

    /// <summary>The number of elements, as a 32-bit index.</summary>
    public Index1D IntExtent => new(IntLength);

    MemoryBuffer IArrayView.Buffer => Buffers.Find(buffer);

    long IContiguousArrayView.Index => IndexInBytes / sizeof(T);

    long IContiguousArrayView.IndexInBytes => IndexInBytes;

    private long IndexInBytes => buffer == 0 ? 0 : address - (byte*)Buffers.Find(buffer).NativePtr;

    internal byte* Address => address;

    internal int BufferNumber => buffer;

    /// <summary>The element at an index.</summary>
    public ref T this[int index] {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get {
            if ((uint)index >= (ulong)length) Faults.Index(index, length, typeof(T), buffer, address);
            return ref ((T*)address)[(uint)index];
        }
    }

    /// <summary>The element at an index.</summary>
    public ref T this[long index] {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get {
            if ((ulong)index >= (ulong)length) Faults.Index(index, length, typeof(T), buffer, address);
            return ref ((T*)address)[index];
        }
    }

    /// <summary>The element at an index.</summary>
    public ref T this[Index1D index] {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[index.X];
    }

    /// <summary>The element at an index.</summary>
    public ref T this[LongIndex1D index] {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[index.X];
    }

    /// <summary>The elements from an index on.</summary>
    public ArrayView<T> SubView(long index) => SubView(index, length - index);

    /// <summary>Some elements from an index on.</summary>
    public ArrayView<T> SubView(int index, int subViewLength) => SubView((long)index, subViewLength);

    /// <summary>Some elements from an index on.</summary>
    public ArrayView<T> SubView(long index, long subViewLength) {
        if (index < 0 || subViewLength < 0 || index > length - subViewLength)
            Faults.SubView(index, subViewLength, length, typeof(T), buffer);
        return new ArrayView<T>(address + index * sizeof(T), subViewLength, buffer);
    }

    /// <summary>The same memory as elements of another type.</summary>
    public ArrayView<TOther> Cast<TOther>() where TOther : unmanaged {
        Alignment.Demand(address, Alignment.Of<TOther>(), typeof(TOther), buffer);
        if (sizeof(TOther) < 4 && sizeof(T) >= 4) Faults.NarrowCast(typeof(T), typeof(TOther), buffer);
        return new ArrayView<TOther>(address, LengthInBytes / sizeof(TOther), buffer);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{typeof(T).Name}[{length}]");

    /// <summary>The view as a one-dimensional one with a stride.</summary>
    public static implicit operator ArrayView1D<T, Stride1D.Dense>(ArrayView<T> view) => new(view, view.Extent, default);

    /// <summary>A dense one-dimensional view as a plain one.</summary>
    public static implicit operator ArrayView<T>(ArrayView1D<T, Stride1D.Dense> view) => view.BaseView;
}
