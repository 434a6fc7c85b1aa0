using System.Numerics;

namespace DenseEngine;

/// <summary>The processor: native memory, and worker threads for the operations' loops.</summary>
public sealed class HostDevice : Device, IDisposable {
    private const int Grain = 1 << 15;

    /// <summary>A device of its own with the given number of threads (the caller's included).</summary>
    public HostDevice(int threads) => Workers = new HostWorkers(threads);

    /// <summary>The device that is used where none is named; one thread for each processor.</summary>
    public static HostDevice Default { get; } = new(Environment.ProcessorCount);

    /// <summary>Whether convolutions are computed as plain sums only, never by Winograd's transforms: less than half the rounding error,
    /// and an infinity or NaN reaches only the outputs that see it, in two to three times the time for 3×3 ones. False, unless the
    /// environment says <c>DENSE_EXACT=1</c>.</summary>
    public bool Exact { get; set; } = Environment.GetEnvironmentVariable("DENSE_EXACT") == "1";

    /// <inheritdoc/>
    public override string Name => "host";

    /// <inheritdoc/>
    public override BlockPool Pool { get; } = new();

    /// <summary>The threads that share the work.</summary>
    public HostWorkers Workers { get; }

    /// <inheritdoc/>
    public override unsafe void Fill(Tensor target, float value) {
        int* to = (int*)target.Storage.Block;
        int bits = target.DType == DType.Float32 ? BitConverter.SingleToInt32Bits(value) : (int)value;
        Workers.ForRange(target.Count, Grain, (from, until) => new Span<int>(to + from, until - from).Fill(bits));
    }

    /// <inheritdoc/>
    public override unsafe void Copy(Tensor source, Tensor target) {
        Check.That(source.Count == target.Count, $"Copy: the source has shape {source.Shape}, the target {target.Shape}.");
        int* from = (int*)source.Storage.Block, to = (int*)target.Storage.Block;
        Workers.ForRange(source.Count, Grain, (start, end) =>
            new Span<int>(from + start, end - start).CopyTo(new Span<int>(to + start, end - start)));
    }

    /// <inheritdoc/>
    public override unsafe void AddInto(Tensor source, Tensor target) {
        Check.Shape("AddInto", "source", source, target.Shape);
        float* from = source.Pointer, to = target.Pointer;
        Workers.ForRange(source.Count, Grain, (start, end) => {
            int i = start, width = Vector<float>.Count;
            for (; i + width <= end; i += width) Vector.Store(Vector.Load(from + i) + Vector.Load(to + i), to + i);
            for (; i < end; i++) to[i] += from[i];
        });
    }

    /// <inheritdoc/>
    public override unsafe void Upload(ReadOnlySpan<byte> source, Tensor target) =>
        source.CopyTo(new Span<byte>((void*)target.Storage.Block, checked(target.Count * 4)));

    /// <inheritdoc/>
    public override unsafe void Download(Tensor source, Span<byte> target) =>
        new ReadOnlySpan<byte>((void*)source.Storage.Block, checked(source.Count * 4)).CopyTo(target);

    /// <summary>Ends the worker threads. The default device lives as long as the process.</summary>
    public void Dispose() => Workers.Dispose();
}
