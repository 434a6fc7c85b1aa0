using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace DenseEngine.Benchmarks;

/// <summary>What a workload reached in its least time.</summary>
internal sealed class WorkloadColumn(string name, Func<string> legend, Func<Workload, double, double> value, string format) : IColumn {
    /// <summary>Rates, and the share of the ceiling.</summary>
    public static IColumn[] All => [
        new WorkloadColumn("GFLOP/s",
            () => "10^9 operations a second at the least time, a multiply-add being two; of a convolution the direct sum's",
            (work, seconds) => work.Operations / seconds / 1e9, "F1"),
        new WorkloadColumn("GB/s", () => "10^9 bytes a second: what is read and written, counted once",
            (work, seconds) => work.Bytes / seconds / 1e9, "F1"),
        new WorkloadColumn("Ceiling", () => "What the machine needs at least over the least time: for multiply-adds in registers, or for a "
            + $"copy of that size, whichever is more; it can do {Ceilings.OfMachine}",
            (work, seconds) => work.LeastSeconds(Ceilings.OfMachine) / seconds, "P0"),
    ];

    public string Id => name;
    public string ColumnName => name;
    public bool AlwaysShow => true;
    public ColumnCategory Category => ColumnCategory.Custom;
    public int PriorityInCategory => 0;
    public bool IsNumeric => true;
    public UnitType UnitType => UnitType.Dimensionless;
    public string Legend => legend();

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        benchmarkCase.Parameters[nameof(WorkloadBenchmarks.Work)] is Workload work
            && summary[benchmarkCase]?.ResultStatistics is { } statistics && value(work, statistics.Min / 1e9) is > 0 and var reached
            ? reached.ToString(format, CultureInfo.InvariantCulture) : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
