using BenchmarkDotNet.Attributes;
using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Kernels on the processor that plays a GPU, with every access checked and without. On a build with the real ILGPU both columns
/// are its own processor device, which checks nothing.</summary>
[Config(typeof(OperationsConfig))]
public class CheckedRuntimeBenchmarks {
    private const int Rows = 256, Inner = 576, Columns = 64, Side = 14, Channels = 64, Elements = 65536;
    private readonly float[] left = new float[Elements * 4], right = new float[Elements], result = new float[Elements];
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
        (int[] first, int[] second, run) = Work.Split(' ')[0] switch {
            "gemm" => ((int[])[256, 576], (int[])[576, 64], (Func<Tensor>)(() => Op.MatMul(x, weight))),
            "conv" => ([1, 14, 14, 64], [64, 3, 3, 64], () => Op.Conv2d(x, weight, padding: 1)),
            "sum" => ([65536], [1], () => Op.Sum(x)),
            _ => ([65536], [1], () => Op.Relu(x)),
        };
        (x, weight) = (Draws.Map(first)(1).To(gpu), Draws.Map(second)(2).To(gpu));
    }

    [Benchmark]
    public void Launch() {
        using Tensor y = run();
    }

    /// <summary>The same work by plain loops on the processor, one thread, no vectors of its own.</summary>
    [Benchmark]
    public void PlainLoops() {
        switch (Work.Split(' ')[0]) {
            case "gemm": Product(); break;
            case "conv": Convolution(); break;
            case "sum":
                float sum = 0;
                for (int i = 0; i < Elements; i++) sum += left[i];
                result[0] = sum;
                break;
            default:
                for (int i = 0; i < Elements; i++) result[i] = left[i] > 0 ? left[i] : 0;
                break;
        }
    }

    [GlobalCleanup]
    public void Cleanup() => gpu.Dispose();

    private void Product() {
        for (int row = 0; row < Rows; row++)
            for (int column = 0; column < Columns; column++) {
                float sum = 0;
                for (int i = 0; i < Inner; i++) sum += left[row * Inner + i] * right[i * Columns + column];
                result[row * Columns + column] = sum;
            }
    }

    private void Convolution() {
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++)
                for (int output = 0; output < Channels; output++) {
                    float sum = 0;
                    for (int tap = 0; tap < 9; tap++) {
                        int row = y + tap / 3 - 1, column = x + tap % 3 - 1;
                        if ((uint)row >= Side || (uint)column >= Side) continue;
                        for (int c = 0; c < Channels; c++)
                            sum += left[(row * Side + column) * Channels + c] * right[(output * 9 + tap) * Channels + c];
                    }
                    result[(y * Side + x) * Channels + output] = sum;
                }
    }
}
