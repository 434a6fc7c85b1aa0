using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Kernels on the processor that plays a GPU, with every access checked and without. On a build with the real ILGPU both columns
/// are its own processor device, which checks nothing.</summary>
[Config(typeof(OperationsConfig))]
public class CheckedRuntimeBenchmarks {
    private GpuDevice gpu = null!;
    private Tensor x = null!, weight = null!;
    private Func<Tensor> run = null!;

    /// <summary>Elements; rows x inner x columns; pictures x height x width x channels -> outputs.</summary>
    [Params("relu 65536", "gemm 256x576x64", "conv 1x14x14x64->64 k3", "sum 65536")]
    public string Work { get; set; } = "";

    /// <summary>Whether accesses are checked.</summary>
    [Params(true, false)]
    public bool Checks { get; set; }

    [GlobalSetup]
    public void Setup() {
        gpu = GpuDevice.Open(GpuDevice.Names()[^1], new PlayedGpu(Checks: Checks));
        (Shape first, Shape second, run) = Work.Split(' ')[0] switch {
            "gemm" => (new Shape([256, 576]), new Shape([576, 64]), (Func<Tensor>)(() => Op.MatMul(x, weight))),
            "conv" => (new Shape([1, 14, 14, 64]), new Shape([64, 3, 3, 64]), () => Op.Conv2d(x, weight, padding: 1)),
            "sum" => (new Shape([65536]), new Shape([1]), () => Op.Sum(x)),
            _ => (new Shape([65536]), new Shape([1]), () => Op.Relu(x)),
        };
        (x, weight) = (Workloads.Uniform(first, 1).To(gpu), Workloads.Uniform(second, 2).To(gpu));
    }

    [Benchmark]
    public void Launch() {
        using Tensor y = run();
    }

    [GlobalCleanup]
    public void Cleanup() => gpu.Dispose();
}
