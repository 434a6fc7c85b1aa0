using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Dense matrix products, and the inner loop alone out of the first-level cache: what a core can reach at most.</summary>
[Config(typeof(OperationsConfig))]
public unsafe class GemmBenchmarks {
    private Tensor a = null!, b = null!, c = null!;

    /// <summary>Rows, columns and inner size.</summary>
    [Params(64, 256, 1024, 2048)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup() =>
        (a, b, c) = (Workloads.Uniform([Size, Size], 1), Workloads.Uniform([Size, Size], 2), Workloads.Uniform([Size, Size], 3));

    public double Flops() => 2.0 * Size * Size * Size;

    [Benchmark(Baseline = true)]
    public void Product() =>
        Matrices.Product(HostDevice.Default, Size, Size, Size, a.Pointer, false, b.Pointer, false, null, false, c.Pointer);

    [Benchmark]
    public void RightTransposed() =>
        Matrices.Product(HostDevice.Default, Size, Size, Size, a.Pointer, false, b.Pointer, true, null, false, c.Pointer);

    [Benchmark]
    public void LeftTransposed() =>
        Matrices.Product(HostDevice.Default, Size, Size, Size, a.Pointer, true, b.Pointer, false, null, false, c.Pointer);
}

/// <summary>The tiles of each vector width, with both sides in the first-level cache.</summary>
[Config(typeof(OperationsConfig))]
public unsafe class GemmTileBenchmarks {
    private const int K = 256;
    private readonly Tensor memory = Workloads.Uniform([3, 1 << 14], 1);

    public static IEnumerable<string> Kernels => GemmKernel.Supported.Select(kernel => kernel.Name);

    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = "";

    private GemmKernel Chosen => GemmKernel.Supported.Single(kernel => kernel.Name == Kernel);

    public double Flops() => 2.0 * Chosen.Rows * 2 * Chosen.Lanes * K;

    [Benchmark]
    public void Tile() =>
        Chosen.Tile(2 * Chosen.Lanes, memory.Pointer, memory.Pointer + (1 << 14), memory.Pointer + (2 << 14), memory.Pointer + (2 << 14), K,
            32, 32);
}
