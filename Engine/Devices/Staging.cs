using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine;

/// <summary>Page-locked memory through which bytes go to a device while the caller goes on: they are copied here, the device fetches them
/// in its turn. The memory is filled from the front until it is used up or the stream was waited for, whichever comes first, so that a
/// program that uploads a batch and waits for its results never waits for an upload.</summary>
internal sealed class Staging(Accelerator accelerator) : IDisposable {
    /// <summary>Larger transfers gain nothing by it: the device is kept busy by its copy alone.</summary>
    private const int LargestFloats = 64 << 20;

    private const int SmallestFloats = 1 << 18;

    private readonly Lock gate = new();
    private PageLockedArray1D<float>? memory;
    private int used;

    /// <summary>How often the stream was waited for.</summary>
    public long Waits { get; private set; }

    /// <summary>Queues the copy of some whole words to a view as long. False if they are too many, or the system has no such memory: then
    /// nothing was done.</summary>
    public bool TryUpload(ReadOnlySpan<byte> source, ArrayView<float> target) {
        int count = source.Length / sizeof(float);
        if (count > LargestFloats) return false;
        lock (gate) {
            if ((memory is null || memory.Length - used < count) && !TryRenew(count)) return false;
            Span<float> part = memory!.Span.Slice(used, count);
            source.CopyTo(MemoryMarshal.AsBytes(part));
            // Not CopyFrom and a part of memory.ArrayView: on OpenCL, ILGPU copies as many bytes as the whole of it has.
            target.CopyFromCPUUnsafeAsync(accelerator.DefaultStream, ref MemoryMarshal.GetReference(part), count);
            used += count;
        }
        return true;
    }

    /// <summary>Waits for the stream: all that was queued has arrived.</summary>
    public void Synchronize() {
        lock (gate) {
            accelerator.DefaultStream.Synchronize();
            (used, Waits) = (0, Waits + 1);
        }
    }

    /// <summary>Frees the memory; nothing may be queued any more.</summary>
    public void Dispose() => memory?.Dispose();

    private bool TryRenew(int count) {
        Synchronize();
        if (memory is not null && memory.Length >= count) return true;
        memory?.Dispose();
        memory = null;
        try {
            memory = accelerator.AllocatePageLocked1D<float>(
                new LongIndex1D(Math.Max(SmallestFloats, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count))), true);
        } catch (AcceleratorException) {
            return false;
        }
        return true;
    }
}
