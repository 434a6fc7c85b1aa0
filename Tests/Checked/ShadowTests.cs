using ILGPU;
using ILGPU.Checking;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The three words of a cell against the definition: a race is any two accesses of one launch, not both reads and not both
/// atomic, by different threads, that no barrier orders.</summary>
public class ShadowTests {
    private enum Kind { Read, Write, Atomic }

    private readonly record struct Access(int Group, int Interval, int Thread, Kind Kind);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Finds_exactly_the_races(bool shared) {
        using var context = Context.Create(builder => builder.CPU(CPUDevice.Nvidia));
        using Accelerator accelerator = context.GetPreferredDevice(true).CreateAccelerator(context);
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D(new int[4]);
        var random = new Philox(11);
        int races = 0, clean = 0;
        for (int trace = 0; trace < 20_000; trace++) {
            Access[] accesses = Trace(random, shared);
            bool expected = Enumerable.Range(0, accesses.Length).Any(
                i => Enumerable.Range(0, i).Any(j => Races(accesses[j], accesses[i], shared)));
            Assert.True(expected == Replay(accelerator, buffer, accesses, trace + 1, shared), string.Join(' ', accesses));
            if (expected) races++;
            else clean++;
        }
        Assert.True(races > 1000 && clean > 1000);
    }

    /// <summary>Groups one after the other; in a group intervals one after the other; threads in any order.</summary>
    private static Access[] Trace(Philox random, bool shared) {
        int groups = 1 + (int)random.Next(3), intervals = 1 + (int)random.Next(3);
        var accesses = new List<Access>();
        for (int g = 0; g < groups; g++) {
            if (shared) accesses.Add(new Access(g, 0, 0, Kind.Write));
            for (int i = shared ? 1 : 0; i < intervals + (shared ? 1 : 0); i++)
                for (int n = (int)random.Next(4); n > 0; n--)
                    accesses.Add(new Access(g, i, (int)random.Next(3),
                        random.Next(4) switch { 0 => Kind.Write, 1 => Kind.Atomic, _ => Kind.Read }));
        }
        return [.. accesses];
    }

    private static bool Races(Access a, Access b, bool shared) {
        if (a.Kind == b.Kind && a.Kind != Kind.Write) return false;
        if (a.Group != b.Group) return !shared;
        return a.Interval == b.Interval && a.Thread != b.Thread;
    }

    private static unsafe bool Replay(Accelerator accelerator, MemoryBuffer buffer, Access[] accesses, int launch, bool shared) {
        Arena arena = accelerator.Arena;
        using var thread = new ThreadContext(arena, 32, 1024);
        nuint address = shared ? (nuint)arena.Base : (nuint)buffer.NativePtr;
        try {
            foreach (Access access in accesses) {
                thread.Stamp = (ulong)launch << Shadow.LaunchShift | (ulong)access.Group << Shadow.GroupShift
                    | (ulong)access.Interval << Shadow.IntervalShift | (uint)access.Thread;
                thread.StampThreads = thread.Stamp | Shadow.SeveralThreads;
                thread.StampGroups = thread.Stamp | Shadow.SeveralGroups;
                switch (access.Kind) {
                    case Kind.Read: Shadow.Load(address, 4, 0, thread); break;
                    case Kind.Write: Shadow.Store(address, 4, 0, thread); break;
                    default: Shadow.Atomic(address, 4, 0, thread); break;
                }
            }
            return false;
        } catch (KernelFaultException e) {
            Assert.StartsWith("race", e.Message, StringComparison.Ordinal);
            return true;
        }
    }
}
