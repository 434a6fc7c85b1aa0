using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace DenseEngine.Benchmarks;

/// <summary>How all is measured: in this process (the workers are the process's own), with the least time, the rate at it, the share of
/// the machine's ceiling, and managed garbage.</summary>
internal sealed class OperationsConfig : ManualConfig {
    public OperationsConfig() {
        // Whatever job is asked for (--job Dry), it runs in this process; without one, many short iterations: the least of them counts.
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator());
        AddJob(Job.Default.WithId("Short").WithWarmupCount(4).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(20))
            .WithMinInvokeCount(1).WithUnrollFactor(1).WithEvaluateOverhead(false).AsDefault());
        AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)));
        AddColumn(StatisticColumn.Min);
        AddColumn(WorkloadColumn.All);
        HideColumns("Method", "Error", "StdDev", "Median");
        SummaryStyle = SummaryStyle.Default.WithMaxParameterColumnWidth(60);
    }
}
