using DenseEngine.Models;

namespace DenseEngine.Benchmarks;

/// <summary>Whole detectors, with weights as for training from scratch: from a normalised batch to outputs and to boxes.</summary>
public class DetectorBenchmarks : WorkloadBenchmarks {
    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. Of("gfl_r18_demo", 160, 160), .. Of("gfl_r50_fpn_1x_coco", 800, 1344), Hourglass(1), Hourglass(2),
    ];

    private static Workload Hourglass(int stacks) => new($"Hourglass-{52 * stacks} 511x511 forward", _ => {
        var backbone = new HourglassNet(new HourglassConfig { Stacks = stacks });
        backbone.Initialize(new Philox(1));
        Tensor batch = Draws.Map(1, 511, 511, 3)(1);
        return () => {
            using var scope = new TensorScope();
            using var noGrad = new NoGrad();
            backbone.Forward(batch);
        };
    });

    private static Workload[] Of(string preset, int height, int width) => [
        new($"{preset} {height}x{width} forward", _ => {
            var detector = (DenseDetector)Detector.Build(Presets.Find(preset));
            Tensor batch = Draws.Map(1, height, width, 3)(1);
            return () => {
                using var scope = new TensorScope();
                using var noGrad = new NoGrad();
                detector.Forward(batch);
            };
        }),
        new($"{preset} {height}x{width} detect", _ => {
            Detector detector = Detector.Build(Presets.Find(preset));
            Tensor batch = Draws.Map(1, height, width, 3)(1);
            return () => detector.Detect(batch, [new ImageInfo(width, height, width, height)]);
        }),
    ];
}
