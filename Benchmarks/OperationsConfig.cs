using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace DenseEngine.Benchmarks;

/// <summary>How operations are measured: in this process (the workers are the process's own), with the least time and, where a benchmark
/// states its operations, the rate at that time.</summary>
internal sealed class OperationsConfig : ManualConfig {
    public OperationsConfig() {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10));
        AddColumn(StatisticColumn.Min, new RateColumn());
        HideColumns("Error", "StdDev");
    }

    /// <summary>Billions of operations a second at the least time; the benchmark class has a method <c>double Flops()</c>, valid after
    /// set-up.</summary>
    private sealed class RateColumn : IColumn {
        public string Id => nameof(RateColumn);
        public string ColumnName => "GFLOP/s";
        public bool AlwaysShow => true;
        public ColumnCategory Category => ColumnCategory.Custom;
        public int PriorityInCategory => 0;
        public bool IsNumeric => true;
        public UnitType UnitType => UnitType.Dimensionless;
        public string Legend => "10^9 floating-point operations a second at the least time";

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) {
            Type type = benchmarkCase.Descriptor.Type;
            if (type.GetMethod("Flops") is not { } flops || summary[benchmarkCase]?.ResultStatistics is not { } statistics) return "-";
            object benchmark = Activator.CreateInstance(type)!;
            foreach (var parameter in benchmarkCase.Parameters.Items)
                type.GetProperty(parameter.Name)!.SetValue(benchmark, parameter.Value);
            MethodInfo? setup = type.GetMethods().FirstOrDefault(method => method.GetCustomAttribute<GlobalSetupAttribute>() is not null);
            setup?.Invoke(benchmark, null);
            return ((double)flops.Invoke(benchmark, null)! / statistics.Min).ToString("F0", CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
    }
}
