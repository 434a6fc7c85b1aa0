using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

public class SelectDetectionsTests {
    /// <summary>GFL v2 at 800 × 1344 with 80 classes: every class of the 1000 best anchors of three levels and of all anchors of two, most
    /// of them absent.</summary>
    [Fact]
    public void Absent_candidates_cost_little_memory() {
        const int count = 80 * (3 * 1000 + 273 + 77), present = 200;
        var random = new Random(7);
        float[] boxes = new float[4 * count], scores = new float[count];
        int[] labels = new int[count];
        Array.Fill(labels, -1);
        for (int i = 0; i < present; i++) {
            int at = random.Next(count);
            labels[at] = random.Next(80);
            scores[at] = random.NextSingle();
            (boxes[4 * at], boxes[4 * at + 1]) = (random.Next(100), random.Next(100));
            (boxes[4 * at + 2], boxes[4 * at + 3]) = (boxes[4 * at] + 30, boxes[4 * at + 1] + 30);
        }
        Tensor Found(Device device) => Op.SelectDetections(Tensor.From(boxes, [count, 4], device), Tensor.From(scores, [count], device),
            Tensor.From(labels, [count], device), 0.6f, 100);
        float[] expected = Found(HostDevice.Default).ToArray();
        Assert.True(expected[5] >= 0);
        foreach (GpuCase place in GpuCase.All.Where(place => place.Name != "ilgpu-cpu").Take(1)) {
            using GpuDevice gpu = place.Open();
            using var scope = new TensorScope();
            Assert.Equal(expected, Found(gpu).ToArray());
            Assert.InRange(gpu.Pool.Statistics.PeakBytes, 0, 128L << 20);
        }
    }
}
