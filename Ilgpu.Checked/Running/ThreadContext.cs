using System.Runtime.InteropServices;

namespace ILGPU.Checking;

/// <summary>The thread that runs now, as the rewritten kernel sees it: its place, its stamp, the memory, and what it exchanges with
/// others at barriers. One for each accelerator; threads take turns.</summary>
internal sealed unsafe class ThreadContext : IDisposable {
    /// <summary>The largest value that threads can exchange, in bytes.</summary>
    public const int ExchangeBytes = 16;

    private readonly byte* offered, published;
    private readonly int[] sources;
    private int votesNow, votesPublished;

    public ThreadContext(Arena arena, int warpSize, int mostThreads) {
        Arena = arena;
        (Base, MainSize, TotalSize) = ((nuint)arena.Base, arena.MainSize, arena.TotalSize);
        Cells = arena.Cells;
        Plane = arena.Plane;
        WarpSize = warpSize;
        offered = (byte*)NativeMemory.AllocZeroed((nuint)mostThreads, ExchangeBytes);
        published = (byte*)NativeMemory.AllocZeroed((nuint)mostThreads, ExchangeBytes);
        sources = new int[mostThreads];
    }

    /// <summary>The context of the launch that this operating-system thread carries out.</summary>
    [field: ThreadStatic]
    public static ThreadContext? Current { get; set; }

    // Fields, since the kernel's inner loops read them.
    public readonly nuint Base, MainSize, TotalSize, Plane;
    public readonly ulong* Cells;
    public ulong Stamp, StampThreads, StampGroups;
    public int Site;
    public byte* Arguments;

    public Arena Arena { get; }

    public CheckedKernel? Kernel { get; private set; }

    public int WarpSize { get; }

    public int Thread { get; private set; }

    public int Group { get; private set; }

    public int Interval { get; private set; }

    public int Threads { get; private set; }

    public int DynamicBytes { get; private set; }

    public Index3D GridDimension { get; private set; }

    public Index3D GroupDimension { get; private set; }

    public Index3D GridIndex { get; private set; }

    public Index3D GroupIndex { get; private set; }

    public Index3D GlobalIndex => GridIndex * GroupDimension + GroupIndex;

    public int GlobalLinearIndex => Group * Threads + Thread;

    public int LaneIndex => Thread & (WarpSize - 1);

    public int WarpIndex => Thread / WarpSize;

    public void BeginLaunch(CheckedKernel kernel, byte* arguments, ulong launch, Index3D grid, Index3D group, int dynamicBytes) {
        Kernel = kernel;
        Arguments = arguments;
        (GridDimension, GroupDimension, Threads, DynamicBytes) = (grid, group, group.Size, dynamicBytes);
        Stamp = launch << Shadow.LaunchShift;
        StampGroups = Stamp | Shadow.SeveralGroups;
        Current = this;
    }

    public void EndLaunch() {
        Current = null;
        Kernel = null;
    }

    public void BeginGroup(int linear, Index3D index) {
        (Group, GridIndex, Interval, votesNow) = (linear, index, 0, 0);
    }

    public void BeginThread(int thread) {
        Thread = thread;
        int x = thread, y = 0, z = 0;
        if (GroupDimension.X != Threads) {
            (y, x) = int.DivRem(thread, GroupDimension.X);
            (z, y) = int.DivRem(y, GroupDimension.Y);
        }
        GroupIndex = new Index3D(x, y, z);
        Stamp = Stamp >> Shadow.LaunchShift << Shadow.LaunchShift | (ulong)Group << Shadow.GroupShift
            | (ulong)Interval << Shadow.IntervalShift | (uint)thread;
        StampThreads = Stamp | Shadow.SeveralThreads;
    }

    /// <summary>All threads of the group have reached one barrier.</summary>
    public void PassBarrier() {
        if (++Interval > Shadow.MostIntervals) Faults.Throw($"too many barriers to check: {Interval}");
        (votesPublished, votesNow) = (votesNow, 0);
        Publish(0, Threads);
    }

    /// <summary>Makes what some threads offered visible to them.</summary>
    public void Publish(int first, int count) => Buffer.MemoryCopy(
        offered + first * ExchangeBytes, published + first * ExchangeBytes, (long)count * ExchangeBytes, (long)count * ExchangeBytes);

    // What follows is called by the rewritten kernel in the place of ILGPU's methods.
    public bool IsFirstThread => Thread == 0;

    public bool IsLastThread => Thread == Threads - 1;

    public bool IsFirstLane => LaneIndex == 0;

    public bool IsLastLane => LaneIndex == WarpSize - 1;

    public ArrayView<T> SharedView<T>(int offset, int length) where T : unmanaged => new(SharedAddress<T>(offset), length, Buffers.Shared);

    public ref T SharedVariable<T>(int offset) where T : unmanaged => ref *(T*)SharedAddress<T>(offset);

    /// <summary>The launch's dynamic shared memory, behind the kernel's own.</summary>
    public ArrayView<T> DynamicView<T>() where T : unmanaged =>
        SharedView<T>((Kernel!.Code.SharedBytes + 15) / 16 * 16, DynamicBytes / sizeof(T));

    /// <summary>Whether an address is of a buffer.</summary>
    public bool InBuffer(nuint address) => address - Base < TotalSize && !Arena.IsShared(address - Base);

    /// <summary>Whether an address is of the group's shared memory.</summary>
    public bool InShared(nuint address) => address - Base < TotalSize && Arena.IsShared(address - Base);

    public void Vote(bool holds) => votesNow += holds ? 1 : 0;

    public bool AllVoted() => votesPublished == Threads;

    public bool AnyVoted() => votesPublished > 0;

    public int Votes() => votesPublished;

    public void Offer<T>(T value, int argument, ExchangeKind kind) where T : unmanaged {
        *(T*)(offered + Thread * ExchangeBytes) = value;
        int lane = LaneIndex, first = Thread - lane;
        int source = kind switch {
            ExchangeKind.Down => lane + argument < WarpSize ? first + lane + argument : Thread,
            ExchangeKind.Up => lane - argument >= 0 ? first + lane - argument : Thread,
            ExchangeKind.Xor => first + ((lane ^ argument) & (WarpSize - 1)),
            ExchangeKind.Lane => first + (argument & (WarpSize - 1)),
            _ => argument,
        };
        if ((uint)source >= (uint)Threads) Faults.Throw($"exchange: takes the value of thread {source} of a group of {Threads} threads");
        sources[Thread] = source;
    }

    public T Take<T>() where T : unmanaged => *(T*)(published + sources[Thread] * ExchangeBytes);

    public void Dispose() {
        NativeMemory.Free(offered);
        NativeMemory.Free(published);
    }

    private byte* SharedAddress<T>(int offset) where T : unmanaged => (byte*)(sizeof(T) < 4 ? Base + MainSize : Base) + offset;
}
