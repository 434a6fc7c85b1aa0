using BenchmarkDotNet.Attributes;

namespace DenseEngine.Benchmarks;

/// <summary>Measures the rows of a table; a class for each room of operations states them.</summary>
[Config(typeof(OperationsConfig))]
public abstract class WorkloadBenchmarks {
    private Action run = () => { };

    /// <summary>The row.</summary>
    [ParamsSource(nameof(Works))]
    public Workload Work { get; set; } = null!;

    /// <summary>The rows, as BenchmarkDotNet looks for them: in a property that is there once.</summary>
    public IEnumerable<Workload> Works => Table;

    /// <summary>The rows.</summary>
    protected abstract IEnumerable<Workload> Table { get; }

    [GlobalSetup]
    public void Setup() {
        _ = Ceilings.OfMachine;
        run = Work.Prepare();
    }

    [Benchmark]
    public void Run() => run();

    /// <summary>Lets the row's tensors go, and their blocks with them: the next row needs other sizes.</summary>
    [GlobalCleanup]
    public void Cleanup() {
        run = () => { };
        GC.Collect();
        GC.WaitForPendingFinalizers();
        HostDevice.Default.Pool.Trim();
    }
}
