namespace DenseEngine;

/// <summary>What a pool holds at a moment.</summary>
/// <param name="LiveBuffers">Buffers in use.</param>
/// <param name="LiveBytes">Bytes of the buffers in use.</param>
/// <param name="PeakBytes">The largest <paramref name="LiveBytes"/> since the start or the last <see cref="BlockPool.ResetPeak"/>.</param>
/// <param name="ReservedBytes">Bytes taken from the system: in use and kept for reuse.</param>
public readonly record struct PoolStatistics(long LiveBuffers, long LiveBytes, long PeakBytes, long ReservedBytes);

/// <summary>Keeps freed blocks of a device for reuse, by size class (eight classes to each power of two), and counts what is in use. The
/// host's large blocks are cut from an <see cref="HostArena"/> instead, and those of <see cref="LastingMemory"/> from another, which keeps
/// nothing. Safe to use from several threads.</summary>
public sealed class BlockPool {
    private readonly Func<long, nint> allocate;
    private readonly Action<nint> free;
    private readonly Action<nint>? kept, reused;
    private readonly Dictionary<long, Stack<nint>> idle = [];
    private readonly Lock gate = new();
    private readonly HostArena? passing, lasting;
    private long liveBuffers, liveBytes, peakBytes, classBytes;

    /// <summary>A pool over a device's own allocation functions.</summary>
    /// <param name="allocate">Takes a block of some bytes from the system.</param>
    /// <param name="free">Gives one back to it.</param>
    /// <param name="kept">Told that a block waits for reuse.</param>
    /// <param name="reused">Told that a block that waited is given out.</param>
    public BlockPool(Func<long, nint> allocate, Action<nint> free, Action<nint>? kept = null, Action<nint>? reused = null) =>
        (this.allocate, this.free, this.kept, this.reused) = (allocate, free, kept, reused);

    /// <summary>The host's pool.</summary>
    internal BlockPool() : this(HostMemory.Allocate, HostMemory.Free) =>
        (passing, lasting) = (new HostArena(keeps: true), new HostArena(keeps: false));

    /// <summary>Bytes taken from the system.</summary>
    private long ReservedBytes => classBytes + (passing?.Reserved ?? 0) + (lasting?.Reserved ?? 0);

    /// <summary>What is in use now.</summary>
    public PoolStatistics Statistics {
        get {
            lock (gate) return new PoolStatistics(liveBuffers, liveBytes, peakBytes, ReservedBytes);
        }
    }

    /// <summary>Starts a new measurement of the peak.</summary>
    public void ResetPeak() {
        lock (gate) peakBytes = liveBytes;
    }

    /// <summary>Gives kept blocks back to the system.</summary>
    public void Trim() {
        lock (gate) {
            foreach ((long size, Stack<nint> blocks) in idle) {
                classBytes -= size * blocks.Count;
                foreach (nint block in blocks) free(block);
            }
            idle.Clear();
            passing?.Trim();
            lasting?.Trim();
        }
    }

    /// <summary>The most bytes taken from the system; null for all that it gives. When an allocation would exceed it, blocks that wait for
    /// reuse go back first.</summary>
    public long? Limit { get; set; }

    /// <summary>A block of at least some bytes. Where there is no room, what waits for reuse is given back, then what lost tensors hold,
    /// before it is refused.</summary>
    /// <exception cref="OutOfDeviceMemoryException">There is no room; the message lacks what it was for.</exception>
    internal nint Rent(long bytes, out long size) {
        size = IsLarge(bytes) ? HostArena.Round(bytes) : SizeClass(bytes);
        for (int attempt = 0; ; attempt++) {
            try {
                return Take(size);
            } catch (OutOfDeviceMemoryException) when (attempt < 2) {
                if (attempt == 1) {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();   // without the lock: they return blocks
                }
                Trim();
            }
        }
    }

    private bool IsLarge(long bytes) => passing is not null && bytes >= HostArena.Least;

    private nint Take(long size) {
        lock (gate) {
            if (IsLarge(size)) {
                nint block = (LastingMemory.IsAsked ? lasting! : passing!).Take(size, (Limit ?? long.MaxValue) - ReservedBytes);
                Count(1, size);
                return block;
            }
            if (idle.TryGetValue(size, out Stack<nint>? blocks) && blocks.TryPop(out nint waiting)) {
                Count(1, size);
                reused?.Invoke(waiting);
                return waiting;
            }
            if (ReservedBytes + size > Limit) throw new OutOfDeviceMemoryException($"{size} bytes more would exceed the limit.");
            classBytes += size;
            Count(1, size);
        }
        try {
            return allocate(size);
        } catch {
            lock (gate) {
                Count(-1, -size);
                classBytes -= size;
            }
            throw;
        }
    }

    private void Count(int buffers, long bytes) {
        liveBuffers += buffers;
        liveBytes += bytes;
        peakBytes = Math.Max(peakBytes, liveBytes);
    }

    internal void Return(nint block, long size) {
        lock (gate) {
            Count(-1, -size);
            if (IsLarge(size)) {
                (lasting!.Owns(block) ? lasting : passing!).Return(block, size);
                return;
            }
            if (!idle.TryGetValue(size, out Stack<nint>? blocks)) idle[size] = blocks = new Stack<nint>();
            kept?.Invoke(block);
            blocks.Push(block);
        }
    }

    /// <summary>What is in use, what waits, and the limit: for messages.</summary>
    public override string ToString() {
        PoolStatistics now = Statistics;
        return FormattableString.Invariant($"{now.LiveBuffers} tensors hold {Megabytes(now.LiveBytes)} (at most {Megabytes(now.PeakBytes)} ")
            + $"so far), {Megabytes(now.ReservedBytes - now.LiveBytes)} wait for reuse"
            + (Limit is { } limit ? $", the limit is {Megabytes(limit)}" : "");
    }

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:0.0} MB");

    /// <summary>Rounds up so that few sizes occur: to 256 bytes, and above 2 KB to an eighth of the power of two below.</summary>
    private static long SizeClass(long bytes) {
        long step = 256;
        while (step * 16 <= bytes) step *= 2;
        return Math.Max(256, (bytes + step - 1) / step * step);
    }
}
