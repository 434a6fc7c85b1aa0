using ILGPU;
using ILGPU.Runtime;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Each planted bug must be reported, with its rule, its place and its line, whichever way the threads run.</summary>
public class PlantedBugsTests {
    private const int Threads = 64;
    private static readonly string[] Source = ReadSource();

    public static TheoryData<string, bool> Cases() {
        var data = new TheoryData<string, bool>();
        foreach (string name in Bugs.Keys)
            foreach (bool reversed in new[] { false, true }) data.Add(name, reversed);
        return data;
    }

    /// <summary>Kernel: what launches it, what the message must contain, and the marked lines it may name.</summary>
    private static readonly Dictionary<string, (Action<CheckedAccelerator> Launch, string Message, string Lines)> Bugs = new() {
        ["OffByOne"] = (a => Two(a, PlantedBugs.OffByOne, a.Ramp(128), a.New<float>(128), 2),
            "index: index 128 is outside view of 128 Single in buffer 'x'; kernel OffByOne, group 1, thread 63, barrier interval 0", "A"),
        ["Negative"] = (a => Two(a, PlantedBugs.Negative, a.Ramp(128), a.New<float>(128), 2),
            "index: index -1 is outside view of 128 Single in buffer 'x'; kernel Negative, group 0, thread 0", ""),
        ["NeverWritten"] = (a => Two(a, PlantedBugs.NeverWritten, a.New<float>(64), a.New<float>(64), 1),
            "unwritten: reads memory that nothing has written: buffer 'y' byte ", "B"),
        ["SharedNeverWritten"] = (a => One(a, PlantedBugs.SharedNeverWritten, 1),
            "unwritten: reads memory that nothing has written: shared memory 's' byte 0 of 256; "
            + "kernel SharedNeverWritten, group 0, thread 0, barrier interval 1", "C"),
        ["MissingBarrier"] = (a => Two(a, PlantedBugs.MissingBarrier, a.Ramp(64), a.New<float>(64), 1),
            "unwritten: reads memory that nothing has written: shared memory 's' byte 252 of 256; ", "D"),
        ["MissingBarrierInLoop"] = (a => Two(a, PlantedBugs.MissingBarrierInLoop, a.Ramp(64), a.New<float>(64), 1), "race in a group: ",
            ""),
        ["TwoGroupsOneCell"] = (a => One(a, PlantedBugs.TwoGroupsOneCell, 2),
            "race between groups: write over a value written by group 0 thread ", "F"),
        ["GroupReadsAnother"] = (a => Load(a, PlantedBugs.GroupReadsAnother)((2, 1), a.With(0f, 0f)),
            "race between groups: read of a value written by group 0 thread 0: buffer 'y' byte 0 of 8; kernel GroupReadsAnother, group 1",
            "G"),
        ["BarrierInBranch"] = (a => One(a, PlantedBugs.BarrierInBranch, 1),
            "divergent barrier: thread 15 waits at the barrier at PlantedBugs.cs:", "H"),
        ["BarrierAfterReturn"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<float>,
            int>(PlantedBugs.BarrierAfterReturn)((1, Threads), a.New<float>(64), 40), "divergent barrier: thread 39 waits", ""),
        ["TwoBarriers"] = (a => One(a, PlantedBugs.TwoBarriers, 1), "divergent barrier: thread 15 waits at the barrier at ", "IJ"),
        ["TripCounts"] = (a => One(a, PlantedBugs.TripCounts, 1), "divergent barrier: thread 47 has ended, thread 48 waits", ""),
        ["HalfWarpShuffle"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<int>>(PlantedBugs.HalfWarpShuffle)(
            (1, Threads), a.New<int>(64)), "divergent barrier: thread 7 waits", ""),
        ["AbsentLane"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<int>>(PlantedBugs.AbsentLane)((1, 24), a.New<int>(24)),
            "exchange: takes the value of thread ", ""),
        ["CastInside"] = (a => Two(a, PlantedBugs.CastInside, a.Ramp(64), a.New<float>(64), 1),
            "misaligned: F4 needs an address that is a multiple of 16, the view starts at byte 4 of buffer 'x'", "K"),
        ["AtomicAndPlain"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<int>>(PlantedBugs.AtomicAndPlain)((1, Threads), a.With(0, 0)),
            "race in a group: ", ""),
        ["DivideByZero"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<int>,
            int>(PlantedBugs.DivideByZero)((1, Threads), a.New<int>(64), 0), "division of an integer by zero; kernel DivideByZero", ""),
        ["FieldRace"] = (a => a.Accelerator.LoadStreamKernel<ArrayView<PlantedBugs.F4>>(PlantedBugs.FieldRace)(
            (1, Threads), a.With(new PlantedBugs.F4[64])), "race in a group: write over a value written by group 0 thread ", "M"),
        ["RefHelperRace"] = (a => One(a, PlantedBugs.RefHelperRace, 1), "race in a group: write over a value written by group 0 thread ",
            "N"),
        ["SubViewTooLong"] = (a => Two(a, PlantedBugs.SubViewTooLong, a.Ramp(64), a.New<float>(64), 1), "index: 8 elements from index ",
            ""),
        ["SharedTooShort"] = (a => One(a, PlantedBugs.SharedTooShort, 1),
            "index: index 32 is outside view of 32 Single that starts at shared memory 's' byte 0 of 128; kernel SharedTooShort", ""),
    };

    [Theory, MemberData(nameof(Cases))]
    public void Reports(string kernel, bool reversed) {
        using var accelerator = new CheckedAccelerator(reversed: reversed);
        (Action<CheckedAccelerator> launch, string expected, string lines) = Bugs[kernel];
        string message = CheckedAccelerator.Fault(() => launch(accelerator));
        // another thread is the first to meet it
        if (reversed) Assert.StartsWith(expected.Split(':')[0], message, StringComparison.Ordinal);
        else Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Matches($@"; kernel {kernel}, group \d+, thread \d+, barrier interval \d+, at PlantedBugs\.cs:\d+ \(PlantedBugs\.", message);
        foreach (char mark in lines) Assert.Contains($"PlantedBugs.cs:{Line(mark)} ", message, StringComparison.Ordinal);
    }

    private static int Line(char mark) => Array.FindIndex(Source, line => line.EndsWith($"// line {mark}", StringComparison.Ordinal)) + 1;

    [Fact]
    public void Use_after_dispose_is_reported() {
        using var a = new CheckedAccelerator();
        MemoryBuffer1D<float, Stride1D.Dense> buffer = a.Accelerator.Allocate1D<float>(64);
        ArrayView<float> view = buffer.View;
        buffer.Dispose();
        Assert.Contains(
            "use after dispose: parameter 'y'",
            CheckedAccelerator.Fault(() => Load(a, PlantedBugs.TwoGroupsOneCell)((1, 64), view)), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => view.MemSetToZero());
    }

    [Fact]
    public void The_host_must_not_read_what_nothing_wrote() {
        using var a = new CheckedAccelerator();
        ArrayView<float> view = a.New<float>(8);
        view.SubView(0, 7).MemSetToZero();
        Assert.Contains("unwritten", CheckedAccelerator.Fault(() => view.GetAsArray()), StringComparison.Ordinal);
    }

    /// <summary>A view that a struct hides is found when it is used.</summary>
    [Fact]
    public void Use_after_dispose_in_a_struct_is_reported_at_the_access() {
        using var a = new CheckedAccelerator();
        MemoryBuffer1D<float, Stride1D.Dense> buffer = a.Accelerator.Allocate1D(new float[64]);
        var pair = new PlantedBugs.Pair { From = buffer.View, To = a.New<float>(64) };
        buffer.Dispose();
        Assert.Contains("use after free: reads memory that was given back: buffer 'pair.From' byte 0 of 256; kernel InStruct, group 0, thread 0",
            CheckedAccelerator.Fault(() => a.Accelerator.LoadStreamKernel<PlantedBugs.Pair>(PlantedBugs.InStruct)((1, 64), pair)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_of_a_launch_are_kept() {
        using var a = new CheckedAccelerator();
        Action<KernelConfig, ArrayView<float>> kernel = Load(a, PlantedBugs.TwoGroupsOneCell);
        Refused("kernel TwoGroupsOneCell: Invalid group dimensions (2048, 1, 1) exceed the maximum of 1024",
            () => kernel((1, 2048), a.New<float>(1)));
        Refused("kernel TwoGroupsOneCell: Invalid grid dimension", () => kernel((0, 64), a.New<float>(1)));
        Refused("kernel TwoGroupsOneCell: 49156 bytes of shared memory for a group exceed the maximum of 49152",
            () => kernel((1, 64, SharedMemoryConfig.RequestDynamic<float>(12_289)), a.New<float>(64)));
        static void Refused(string message, Action launch) =>
            Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(launch).Message, StringComparison.Ordinal);
    }

    private static Action<KernelConfig, ArrayView<float>> Load(CheckedAccelerator a, Action<ArrayView<float>> kernel) =>
        a.Accelerator.LoadStreamKernel(kernel);

    private static void One(CheckedAccelerator a, Action<ArrayView<float>> kernel, int groups) =>
        Load(a, kernel)((groups, Threads), a.New<float>(Threads));

    private static void Two(CheckedAccelerator a, Action<ArrayView<float>, ArrayView<float>> kernel, ArrayView<float> x,
        ArrayView<float> y, int groups) =>
        a.Accelerator.LoadStreamKernel(kernel)((groups, Threads), x, y);

    /// <summary>The kernels' source, which is embedded for its line numbers.</summary>
    private static string[] ReadSource() {
        using var reader = new StreamReader(typeof(PlantedBugs).Assembly.GetManifestResourceStream("PlantedBugs.cs")!);
        return reader.ReadToEnd().Split('\n');
    }
}
