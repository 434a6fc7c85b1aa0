using ILGPU.Checking;

namespace ILGPU.Runtime;

/// <summary>Transfers and fills of views. All are done when they return.</summary>
public static unsafe class ArrayViewExtensions {
    /// <summary>Sets all bytes to zero.</summary>
    public static void MemSetToZero<TView>(this TView view) where TView : IContiguousArrayView => view.MemSet(0);

    /// <summary>Sets all bytes to zero.</summary>
    public static void MemSetToZero<TView>(this TView view, AcceleratorStream stream) where TView : IContiguousArrayView => view.MemSet(0);

    /// <summary>Sets all bytes to a value.</summary>
    public static void MemSet<TView>(this TView view, AcceleratorStream stream, byte value) where TView : IContiguousArrayView =>
        view.MemSet(value);

    /// <summary>Sets all bytes to a value.</summary>
    public static void MemSet<TView>(this TView view, byte value) where TView : IContiguousArrayView {
        if (!view.IsValid) throw new ArgumentNullException(nameof(view));
        byte* address = HostAccess.Write(view);
        for (long done = 0; done < view.LengthInBytes; done += int.MaxValue)
            new Span<byte>(address + done, (int)Math.Min(int.MaxValue, view.LengthInBytes - done)).Fill(value);
    }

    /// <summary>Copies to another view of the same size or larger.</summary>
    public static void CopyTo<TView>(this TView source, AcceleratorStream stream, in TView target) where TView : IContiguousArrayView =>
        HostAccess.Copy(source, target);

    /// <summary>Copies to another view of the same size or larger.</summary>
    public static void CopyTo<TView>(this TView source, in TView target) where TView : IContiguousArrayView =>
        HostAccess.Copy(source, target);

    /// <summary>Copies from another view of the same size or smaller.</summary>
    public static void CopyFrom<TView>(this TView target, AcceleratorStream stream, in TView source) where TView : IContiguousArrayView =>
        HostAccess.Copy(source, target);

    /// <summary>Copies elements from host memory.</summary>
    public static void CopyFromCPU<T, TView>(this TView target, AcceleratorStream stream, ref T cpuData, long length)
        where TView : IContiguousArrayView<T> where T : unmanaged => target.CopyFromCPU(ref cpuData, length);

    /// <summary>Copies elements from host memory.</summary>
    public static void CopyFromCPU<T, TView>(this TView target, ref T cpuData, long length)
        where TView : IContiguousArrayView<T> where T : unmanaged {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, target.Length);
        if (length < 1) return;
        byte* address = HostAccess.Write(target, length * sizeof(T));
        fixed (T* from = &cpuData) Buffer.MemoryCopy(from, address, length * sizeof(T), length * sizeof(T));
    }

    /// <summary>Copies elements from host memory that stays where it is until the stream has come so far.</summary>
    public static void CopyFromCPUUnsafeAsync<T, TView>(this TView target, AcceleratorStream stream, ref T cpuData, long length)
        where TView : IContiguousArrayView<T> where T : unmanaged => target.CopyFromCPU(ref cpuData, length);

    /// <summary>Copies elements to host memory.</summary>
    public static void CopyToCPU<T, TView>(this TView source, AcceleratorStream stream, ref T cpuData, long length)
        where TView : IContiguousArrayView<T> where T : unmanaged => source.CopyToCPU(ref cpuData, length);

    /// <summary>Copies elements to host memory.</summary>
    public static void CopyToCPU<T, TView>(this TView source, ref T cpuData, long length)
        where TView : IContiguousArrayView<T> where T : unmanaged {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, source.Length);
        if (length < 1) return;
        byte* address = HostAccess.Read(source, length * sizeof(T));
        fixed (T* to = &cpuData) Buffer.MemoryCopy(address, to, length * sizeof(T), length * sizeof(T));
    }

    /// <summary>Copies an array to the whole view.</summary>
    public static void CopyFromCPU<T>(this ArrayView<T> view, T[] data) where T : unmanaged {
        if (data.Length != view.Length) throw new ArgumentOutOfRangeException(nameof(data));
        if (data.Length > 0) view.CopyFromCPU(ref data[0], data.Length);
    }

    /// <summary>Copies an array to the whole view.</summary>
    public static void CopyFromCPU<T>(this ArrayView<T> view, AcceleratorStream stream, T[] data) where T : unmanaged =>
        view.CopyFromCPU(data);

    /// <summary>Copies the whole view to an array.</summary>
    public static void CopyToCPU<T>(this ArrayView<T> view, T[] data) where T : unmanaged {
        if (data.Length != view.Length) throw new ArgumentOutOfRangeException(nameof(data));
        if (data.Length > 0) view.CopyToCPU(ref data[0], data.Length);
    }

    /// <summary>Copies the whole view to an array.</summary>
    public static void CopyToCPU<T>(this ArrayView<T> view, AcceleratorStream stream, T[] data) where T : unmanaged =>
        view.CopyToCPU(data);

    /// <summary>The elements as a new array.</summary>
    public static T[] GetAsArray<T>(this ArrayView<T> view) where T : unmanaged {
        var data = new T[view.IntLength];
        view.CopyToCPU(data);
        return data;
    }

    /// <summary>Memory with a copy of the given elements.</summary>
    public static MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(this Accelerator accelerator, T[] data) where T : unmanaged {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(data.Length);
        buffer.View.BaseView.CopyFromCPU(data);
        return buffer;
    }

    /// <summary>Vouches for the alignment of a view.</summary>
    public static ArrayView<T> AsAligned<T>(this ArrayView<T> view, int alignmentInBytes) where T : unmanaged {
        Alignment.Demand(view.Address, alignmentInBytes, typeof(T), view.BufferNumber);
        return view;
    }
}
