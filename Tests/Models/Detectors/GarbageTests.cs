using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What an inference leaves to the garbage collector: little, and no more for larger pictures.</summary>
[Collection(nameof(Alone))]
public class GarbageTests {
    private const long Most = 64 << 10;

    [Fact]
    public void Steady_inference_of_a_network_of_full_depth_makes_little_garbage() {
        using var detector = (DenseDetector)Detector.Build(Presets.Find("gfl_r50_fpn_1x_coco"));
        long small = Bytes(detector, 96, 128), large = Bytes(detector, 192, 256);
        Assert.InRange(small, 1, Most);
        Assert.InRange(large, 1, Most);
        Assert.InRange(large - small, -Most / 4, Most / 4);
    }

    /// <summary>The least of some calls: others are disturbed by what the runtime does now and then.</summary>
    private static long Bytes(DenseDetector detector, int height, int width) {
        using Tensor batch = Draws.Normal(1, height, width, 3)(new Philox(3), HostDevice.Default);
        long least = long.MaxValue;
        for (int i = 0; i < 12; i++) {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            using (new TensorScope())
            using (new NoGrad()) detector.Forward(batch);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }
}
