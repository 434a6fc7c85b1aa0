using BenchmarkDotNet.Attributes;
using DenseEngine.Models;

namespace DenseEngine.Benchmarks;

/// <summary>Detection in one picture, from the normalised batch to boxes, with weights as for training from scratch.</summary>
[Config(typeof(OperationsConfig))]
public class DetectionBenchmarks {
    private Detector detector = null!;
    private Tensor batch = null!;

    /// <summary>A preset, and the padded size of its input.</summary>
    [Params("gfl_r18_demo 160x160", "gfl_r50_fpn_1x_coco 800x1344")]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Setup() {
        int[] size =
            [.. Network.Split(' ')[1].Split('x').Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture))];
        detector = Detector.Build(Presets.Find(Network.Split(' ')[0]));
        batch = Workloads.Uniform([1, size[0], size[1], 3], 1);
    }

    [GlobalCleanup]
    public void Cleanup() {
        detector.Dispose();
        batch.Dispose();
    }

    [Benchmark]
    public Detections Detect() =>
        detector.Detect(batch, [new ImageInfo(batch.Shape[2], batch.Shape[1], batch.Shape[2], batch.Shape[1])])[0];
}
