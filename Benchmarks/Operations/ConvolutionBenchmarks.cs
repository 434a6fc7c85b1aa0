namespace DenseEngine.Benchmarks;

/// <summary>Dense convolutions of GFL-R50 at 800 by 1344 and of the demonstration's network (8 pictures of 160 by 160), forward and both
/// gradients.</summary>
public class ConvolutionBenchmarks : WorkloadBenchmarks {
    private static readonly Layer[] Published = [
        new(800, 1344, 3, 64, 7, 2), new(200, 336, 64, 64, 1), new(200, 336, 64, 64, 3), new(200, 336, 64, 256, 1),
        new(200, 336, 256, 64, 1), new(200, 336, 256, 128, 1), new(200, 336, 128, 128, 3, 2), new(200, 336, 256, 512, 1, 2),
        new(100, 168, 128, 128, 3), new(100, 168, 512, 128, 1), new(100, 168, 128, 512, 1),
        new(50, 84, 256, 256, 3), new(50, 84, 1024, 256, 1), new(50, 84, 256, 1024, 1), new(50, 84, 512, 512, 3, 2),
        new(25, 42, 512, 512, 3), new(25, 42, 2048, 512, 1), new(25, 42, 512, 2048, 1),
        new(100, 168, 256, 256, 3), new(25, 42, 256, 256, 3), new(25, 42, 256, 256, 3, 2),
        new(13, 21, 256, 256, 3), new(7, 11, 256, 256, 3),
        new(100, 168, 256, 80, 3), new(100, 168, 256, 68, 3),
    ];

    private static readonly Layer[] Small = [
        new(160, 160, 3, 16, 7, 2, Images: 8), new(40, 40, 16, 16, 3, Images: 8), new(40, 40, 16, 32, 3, 2, Images: 8),
        new(20, 20, 32, 32, 3, Images: 8), new(20, 20, 32, 48, 1, Images: 8), new(20, 20, 48, 48, 3, Images: 8),
        new(10, 10, 64, 64, 3, Images: 8), new(5, 5, 128, 128, 3, Images: 8), new(5, 5, 48, 48, 3, Images: 8),
    ];

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => Published.Concat(Small).SelectMany(layer => layer.Rows());
}
