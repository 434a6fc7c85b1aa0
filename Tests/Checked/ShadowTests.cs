using System.Globalization;
using ILGPU;
using ILGPU.Checking;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The three words of a cell against the definitions, on random traces: the first access at fault, and by which rule, must be
/// what looking at all accesses before says. <c>DENSE_TRACES</c> sets the number of traces of each kind of memory.</summary>
public sealed class ShadowTests : IDisposable {
    private static readonly int Traces =
        int.Parse(Environment.GetEnvironmentVariable("DENSE_TRACES") ?? "20000", CultureInfo.InvariantCulture);
    private readonly Context context = Context.Create(builder => builder.CPU(CPUDevice.Nvidia));
    private readonly Accelerator accelerator;
    private readonly ThreadContext thread;
    private ulong launch;

    public ShadowTests() {
        accelerator = context.GetPreferredDevice(true).CreateAccelerator(context);
        thread = new ThreadContext(accelerator.Arena, 32, 1024);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 4)]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    public unsafe void Finds_exactly_the_faults(bool shared, int cell) {
        using MemoryBuffer floats = accelerator.Allocate1D<int>(4), bytes = accelerator.Allocate1D<byte>(16);
        Arena arena = accelerator.Arena;
        byte* block = shared ? arena.Base + (cell == 1 ? arena.MainSize : 0) : (byte*)(cell == 1 ? bytes : floats).NativePtr;
        var random = new Philox(11);
        int races = 0, unwritten = 0, clean = 0;
        for (int n = 0; n < Traces; n++) {
            bool byHost = !shared && random.Next(2) == 0;
            MemoryAccess[] trace = [.. MemoryTrace.Random(random, shared, cell)];
            (int at, string rule) = MemoryTrace.FirstFault(trace, shared, byHost);
            if (!shared) arena.Mark(block, 16, byHost ? Shadow.ByHost : 0);
            (int foundAt, string message) = Replay(trace, (nuint)block);
            Assert.True(at == foundAt && message.StartsWith(rule, StringComparison.Ordinal),
                $"trace {n}: fault '{rule}' at {at}, found '{message}' at {foundAt}: {string.Join(' ', trace)}");
            if (rule.Length == 0) clean++;
            else if (rule == "unwritten") unwritten++;
            else races++;
        }
        Assert.True(Math.Min(Math.Min(races, unwritten), clean) > Traces / 50, $"{races} races, {unwritten} unwritten, {clean} clean");
    }

    public void Dispose() {
        thread.Dispose();
        context.Dispose();
    }

    private (int At, string Message) Replay(MemoryAccess[] trace, nuint block) {
        int at = 0, current = -1;
        try {
            for (; at < trace.Length; at++) {
                MemoryAccess access = trace[at];
                if (access.Launch != current) NextLaunch();
                current = access.Launch;
                thread.Stamp = launch << Shadow.LaunchShift | (ulong)access.Group << Shadow.GroupShift
                    | (ulong)access.Interval << Shadow.IntervalShift | (uint)access.Thread;
                thread.StampThreads = thread.Stamp | Shadow.SeveralThreads;
                thread.StampGroups = thread.Stamp | Shadow.SeveralGroups;
                nuint address = block + (nuint)access.Offset;
                switch (access.Kind) {
                    case AccessKind.Read: Shadow.Load(address, access.Size, 0, thread); break;
                    case AccessKind.Write: Shadow.Store(address, access.Size, 0, thread); break;
                    default: Shadow.Atomic(address, access.Size, 0, thread); break;
                }
            }
            return (-1, "");
        } catch (KernelFaultException e) {
            return (at, e.Message);
        }
    }

    /// <summary>As a runner counts launches.</summary>
    private void NextLaunch() {
        if (++launch <= Shadow.MostLaunches) return;
        accelerator.Arena.ForgetLaunches();
        launch = 1;
    }
}
