using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>Runs launches: group after group, and in a group thread after thread, each up to its next barrier. All must then wait at the
/// same one. No operating-system threads: what is reported does not depend on luck.</summary>
internal sealed unsafe class GroupRunner : IDisposable {
    private readonly Device device;
    private readonly ThreadContext context;
    private readonly object gate = new();
    private readonly int[] states;
    private ulong launch;
    private byte* frames;   // of the threads of the running group
    private nuint framesSize;

    public GroupRunner(Device device) {
        this.device = device;
        Arena = new Arena();
        if (device.MaxNumThreadsPerGroup > Shadow.MostThreads) throw new NotSupportedException(
            $"Groups of more than {Shadow.MostThreads} threads cannot be checked.");
        context = new ThreadContext(Arena, device.WarpSize, device.MaxNumThreadsPerGroup);
        states = new int[device.MaxNumThreadsPerGroup];
    }

    public Arena Arena { get; }

    /// <summary>Runs groups and threads from the last to the first: the faults found must be the same.</summary>
    public bool Reversed { get; set; }

    /// <summary>Whether the kernels loaded from now on check accesses. Without, indices, barriers and limits are still checked.</summary>
    public bool Checks { get; set; } = true;

    /// <summary>A bug to plant in one of the kernels loaded from now on.</summary>
    public KernelDamage? Damage { get; set; }

    /// <summary>Told of each launch, with its number of threads.</summary>
    public Action<MethodInfo, long>? Launched { get; set; }

    public CheckedKernel Load(Delegate action, bool perIndex) {
        if (action.Target is not null) throw new InternalCompilerException(
            $"kernel {action.Method.Name} is refused: K11: a lambda or an instance method; a kernel is a static method");
        return new CheckedKernel(this, action.Method, perIndex);
    }

    public void Enter() => Monitor.Enter(gate);

    public void Exit() => Monitor.Exit(gate);

    public void Run(CheckedKernel kernel, KernelConfig config) {
        if (!config.IsValid) throw new ArgumentOutOfRangeException(
            nameof(config), $"kernel {kernel.Name}: Invalid grid dimension or group dimension: all must be at least 1.");
        if (config.GroupDim.LongSize > device.MaxNumThreadsPerGroup)
            throw new ArgumentOutOfRangeException(nameof(config),
                $"kernel {kernel.Name}: Invalid group dimensions {config.GroupDim} exceed the maximum of "
                + $"{device.MaxNumThreadsPerGroup} threads.");
        int shared = (kernel.Code.SharedBytes + 15) / 16 * 16 + config.SharedMemoryConfig.ArraySize;
        if (shared > Arena.SharedBytes) throw new ArgumentOutOfRangeException(
            nameof(config),
            $"kernel {kernel.Name}: {shared} bytes of shared memory for a group exceed the maximum of {Arena.SharedBytes}.");
        Start(kernel, config.GridDim, config.GroupDim, config.SharedMemoryConfig.ArraySize, () => {
            int count = config.GridDim.Size;
            for (int i = 0; i < count; i++) {
                int group = Reversed ? count - 1 - i : i;
                context.BeginGroup(group, Place(group, config.GridDim));
                RunGroup(kernel.Code, context.Threads);
            }
        });
    }

    /// <summary>Runs a kernel for each index of an extent, in groups of this runtime's choice.</summary>
    public void RunEach(CheckedKernel kernel, Index3D extent) {
        if (extent.X < 1 || extent.Y < 1 || extent.Z < 1) throw new ArgumentOutOfRangeException(
            nameof(extent), $"kernel {kernel.Name}: Invalid grid dimension: all must be at least 1.");
        int size = Math.Min(256, device.MaxNumThreadsPerGroup);
        long count = extent.LongSize, groups = (count + size - 1) / size;
        Start(kernel, new Index3D((int)Math.Min(groups, int.MaxValue), 1, 1), new Index3D(size, 1, 1), 0, () => {
            byte* frame = stackalloc byte[16];
            for (int g = 0; g < groups; g++) {
                int group = Reversed ? (int)groups - 1 - g : g, threads = (int)Math.Min(size, count - (long)group * size);
                context.BeginGroup(group, new Index3D(group, 0, 0));
                for (int t = 0; t < threads; t++) {
                    int thread = Reversed ? threads - 1 - t : t;
                    context.BeginThread(thread);
                    kernel.SetIndex(Place((long)group * size + thread, extent));
                    kernel.Code.Step(context, frame, 0);
                }
            }
        });
    }

    /// <summary>X is the fastest.</summary>
    private static Index3D Place(long linear, Index3D extent) {
        if (linear < extent.X) return new Index3D((int)linear, 0, 0);
        (long rest, long x) = Math.DivRem(linear, extent.X);
        (long z, long y) = Math.DivRem(rest, extent.Y);
        return new Index3D((int)x, (int)y, (int)z);
    }

    public void Dispose() {
        NativeMemory.Free(frames);
        context.Dispose();
        Arena.Dispose();
    }

    private void Start(CheckedKernel kernel, Index3D grid, Index3D group, int dynamicBytes, Action run) {
        if (grid.LongSize > Shadow.MostGroups) throw new NotSupportedException(
            $"More than {Shadow.MostGroups} groups cannot be checked in one launch.");
        if (++launch > Shadow.MostLaunches) {
            Arena.ForgetLaunches();
            launch = 1;
        }
        Launched?.Invoke(kernel.Root, grid.LongSize * group.LongSize);
        context.BeginLaunch(kernel, kernel.Arguments, launch, grid, group, dynamicBytes);
        try {
            run();
        } catch (DivideByZeroException) {
            Faults.Throw("division of an integer by zero");
        } finally {
            context.EndLaunch();
        }
    }

    private void RunGroup(KernelCode code, int threads) {
        int frameBytes = Math.Max(16, code.FrameBytes);
        nuint needed = (nuint)frameBytes * (nuint)threads;
        if (needed > framesSize) {
            frames = (byte*)NativeMemory.Realloc(frames, needed);
            framesSize = needed;
        }
        Array.Clear(states, 0, threads);
        int warp = device.WarpSize;
        do {
            for (int first = 0; first < threads; first += warp) {
                int w = Reversed ? (threads - 1) / warp * warp - first : first;
                RunWarp(code, frameBytes, w, Math.Min(warp, threads - w));
            }
            DemandEqual(code, 0, threads);
            if (states[0] != 0) context.PassBarrier();
        } while (states[0] != 0);
    }

    private void RunWarp(KernelCode code, int frameBytes, int first, int count) {
        do {
            for (int i = 0; i < count; i++) {
                int t = first + (Reversed ? count - 1 - i : i);
                context.BeginThread(t);
                states[t] = code.Step(context, frames + (long)t * frameBytes, states[t]);
            }
            // compared with the other warps' when all are there
            if (states[first] != 0 && !code.Suspensions[states[first] - 1].OfWarp) return;
            DemandEqual(code, first, count);
            context.Publish(first, count);
        } while (states[first] != 0);
    }

    private void DemandEqual(KernelCode code, int first, int count) {
        for (int t = first + 1; t < first + count; t++) {
            if (states[t] == states[first]) continue;
            context.BeginThread(t);
            int other = states[t] != 0 ? states[t] : states[t - 1];
            context.Site = code.Suspensions[other - 1].Site;
            Faults.Throw($"divergent barrier: thread {t - 1} {Doing(code, states[t - 1])}, thread {t} {Doing(code, states[t])}");
        }
    }

    private static string Doing(KernelCode code, int state) =>
        state == 0 ? "has ended" : $"waits at the barrier at {code.Where(code.Suspensions[state - 1].Site)}";
}
