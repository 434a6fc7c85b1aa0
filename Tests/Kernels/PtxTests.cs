using Xunit;
using Xunit.Abstractions;
#if !ILGPU_CHECKED
using System.Globalization;
using ILGPU;
#endif

namespace DenseEngine.Tests;

/// <summary>Every kernel is compiled to PTX with the real ILGPU, as for an NVIDIA GPU, and read. What is read stands in a committed table,
/// which must be of the kernels as they are; where the library is absent, the table of the last time stands in for it.</summary>
public class PtxTests(ITestOutputHelper output) {
    /// <summary>The rooms whose kernels must load 16 bytes at once, or store them if they load nothing.</summary>
    private static readonly string[] VectorRooms = [
        "/Engine/Devices/", "/Ops/Elementwise/", "/Ops/Reduction/", "/Ops/MatMul/", "/Ops/Convolution/", "/Ops/Norm/", "/Ops/Pooling/",
        "/Ops/Resize/", "/Ops/Losses/", "/Training/Optimizers/",
    ];

    /// <summary>Kernels that do not, and why.</summary>
    private static readonly Dictionary<string, string> Narrow = new() {
        ["MomentsFinishSingleKernel"] = "channels that are no multiple of four; others take MomentsFinishKernel",
        ["MomentsKernel"] = "<OddQuads>: channels that are no multiple of four; <WholeQuads> has the others",
        ["NormaliseKernel"] = "the same",
        ["CornerPoolKernel"] = "the same",
        ["NormSumsKernel"] = "the same",
        ["NormParametersKernel"] = "the same",
        ["NormInputGradientKernel"] = "the same",
        ["WeightByTapKernel"] = "weights from tap to tap, stored channel by channel, four at once",
        ["BroadcastOddKernel"] = "rows begin at any place; four results are stored at once",
        ["ChooseOddKernel"] = "the same",
        ["DeformCellKernel"] = "a sample's two offsets, for the key that it is sorted by",
        ["DeformStartKernel"] = "a search among sorted keys, few at distant places",
        ["DeformShareKernel"] = "two offsets of the sample that a sorted key names; its four shares are stored at once",
        ["PlaceKernel"] = "for each element its line's gradient, or nothing; four are stored at once",
    };

    /// <summary>Kernels that calculate in double precision, and why.</summary>
    private static readonly Dictionary<string, string> Double = [];

    [Fact]
    public void The_table_is_of_the_kernels_as_they_are() {
        Dictionary<string, PtxRow> rows = PtxTable.Rows;
        var problems = new List<string>();
        foreach (LaunchedKernel kernel in ProductKernels.All) {
            if (!rows.Remove(kernel.Name, out PtxRow? row)) problems.Add($"{kernel.Name} is new");
            else if (row.Fingerprint != KernelFingerprint.Of(kernel)) problems.Add($"{kernel.Name} has changed");
        }
        problems.AddRange(rows.Keys.Select(gone => $"{gone} is gone"));
        Assert.True(problems.Count == 0 || PtxTable.IsToBeWritten, $"""
            Tests/Kernels/Ptx.tsv ({PtxTable.Origin}) is not of these kernels: {string.Join("; ", problems)}.
            It is made anew with DENSE_PTX_TABLE=write in a build against the real ILGPU (docs/kernels.md).
            """);
    }

    [Fact]
    public void Kernels_use_registers_floats_and_wide_loads() {
        List<string> faults = [];
        HashSet<string> narrow = [], doubles = [];
        Dictionary<string, PtxRow> rows = PtxTable.Rows;
        foreach (LaunchedKernel kernel in ProductKernels.All) {
            if (!rows.TryGetValue(kernel.Name, out PtxRow? row)) continue;
            if (row.LocalBytes > 0) faults.Add($"{row.Kernel}: {row.LocalBytes} bytes of local memory");
            if (row.Calls > 0) faults.Add($"{row.Kernel}: calls of functions that no driver has");
            if (row.Doubles > 0) {
                doubles.Add(kernel.Method.Name);
                if (!Double.ContainsKey(kernel.Method.Name)) faults.Add($"{row.Kernel}: {row.Doubles} instructions in double precision");
            }
            bool wide = row.Vectors.GlobalLoads > 0 || row is { Singles.GlobalLoads: 0, Vectors.GlobalStores: > 0 };
            if (!wide && IsInVectorRoom(kernel)) {
                narrow.Add(kernel.Method.Name);
                if (!Narrow.ContainsKey(kernel.Method.Name)) faults.Add($"{row.Kernel}: no load of 16 bytes");
            }
        }
        faults.AddRange(Double.Keys.Except(doubles).Concat(Narrow.Keys.Except(narrow)).Select(kernel => $"{kernel}: needs no exception"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static bool IsInVectorRoom(LaunchedKernel kernel) =>
        VectorRooms.Any(KernelSource.File(kernel.Method).Replace('\\', '/').Contains);

#if ILGPU_CHECKED
    private const string Absent = "needs a build against the real ILGPU (-p:IlgpuFlavor=packages or -p:IlgpuPath=FOLDER)";

    [Fact(Skip = Absent)]
    public void Kernels_compile_to_what_the_table_says() => output.WriteLine(Absent);

    [Fact(Skip = Absent)]
    public void Faults_show_in_the_PTX() { }
#else
    [Fact]
    public void Kernels_compile_to_what_the_table_says() {
        List<PtxRow> rows = [.. ProductKernels.All.Select(kernel =>
            PtxRow.Of(kernel.Name, PtxCompiler.Compile(kernel.Method, kernel.PerIndex), KernelFingerprint.Of(kernel)))];
        foreach (PtxRow row in rows) output.WriteLine(row.ToString());
        if (PtxTable.IsToBeWritten)
            PtxTable.Write(string.Create(CultureInfo.InvariantCulture, $"{PtxCompiler.Name}, {DateTime.UtcNow:yyyy-MM-dd}"), rows);
        Dictionary<string, PtxRow> known = PtxTable.Rows;
        Assert.Equal(rows.Select(row => row.ToString()),
            rows.Select(row => known.TryGetValue(row.Kernel, out PtxRow? old) ? old.ToString() : $"{row.Kernel} is not there"));
    }

    [Theory]
    [InlineData(nameof(Sound), 0, 0, 0, 1)]
    [InlineData(nameof(Array), 128, 0, 0, 0)]
    [InlineData(nameof(Doubling), 0, 1, 0, 0)]
    [InlineData(nameof(Fused), 0, 0, 2, 0)]
    [InlineData(nameof(Shifted), 0, 0, 0, 0)]
    public void Faults_show_in_the_PTX(string name, int local, int doubles, int calls, int wide) {
        PtxRow row = PtxRow.Of(name, PtxCompiler.Compile(((Delegate)(name switch {
            nameof(Sound) => Sound,
            nameof(Array) => Array,
            nameof(Doubling) => Doubling,
            nameof(Fused) => Fused,
            _ => Shifted,
        })).Method, true), "");
        output.WriteLine(row.ToString());
        Assert.Equal((local, wide, wide), (row.LocalBytes, row.Vectors.GlobalLoads, row.Vectors.GlobalStores));
        Assert.True(row.Doubles >= doubles && row.Doubles > 0 == doubles > 0 && row.Calls == calls);
    }

    private static void Sound(Index1D i, ArrayView<float> y) {
        Float4 four = y.Cast<Float4>()[i];
        four.X = 0.5f * four.X;
        y.Cast<Float4>()[i] = four;
    }

    private static void Array(Index1D i, ArrayView<float> y) {
        float[] values = new float[32];
        for (int j = 0; j < 32; j++) values[j] = y[i + j];
        y[i] = values[(int)y[i]];
    }

    private static void Doubling(Index1D i, ArrayView<float> y) => y[i] = (float)(0.5 * y[i]);

    private static void Fused(Index1D i, ArrayView<float> y) => y[i] = MathF.FusedMultiplyAdd(y[i], 2, 1);

    /// <summary>After an offset that is not known, four floats are no longer known to be aligned.</summary>
    private static void Shifted(Index1D i, ArrayView<float> y) {
        ArrayView<Float4> from = y.SubView(i).Cast<Float4>();
        from[0] = from[1];
    }
#endif
}
