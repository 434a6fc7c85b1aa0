using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny CenterNets against mmdetection's: outputs, targets, losses, gradients.</summary>
public class CenterNetTests {
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.CasesOf("CenterNet"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_targets_losses_and_gradients_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        var detector = (CenterNetDetector)fixture.Detector;
        detector.Train();
        Tensor[] levels = detector.Levels(fixture.Batch);
        fixture.Same("neck.0", DetectorComparison.Nchw(Assert.Single(levels)), 1e-4);
        CenterOutput output = detector.Heads[0].Forward(levels[0]);
        SameOutputs(fixture, "out", output);

        var targets = new CenterTargets((CenterNetConfig)detector.Config, output.Heat.Shape[1], output.Heat.Shape[2], fixture.Images,
            fixture.Truths, fixture.Device);
        Assert.Equal(fixture.Json.GetProperty("avg_factor").GetInt32(), targets.Peaks);
        fixture.Same("target.center_heatmap", DetectorComparison.Nchw(targets.Heat), 1e-6);
        fixture.Same("target.wh", DetectorComparison.Nchw(targets.Sizes), 1e-6);
        fixture.Same("target.offset", DetectorComparison.Nchw(targets.Offsets), 1e-6);
        float[] weights = fixture.Read("target.wh_offset_weight").ToArray();   // the same for both channels
        int cells = targets.Height * targets.Width;
        Assert.Equal(weights, targets.Weights.ToArray().Chunk(cells).SelectMany(picture => picture.Concat(picture)));

        IReadOnlyList<LossTerm> terms = detector.Losses(fixture.Batch, fixture.Images, fixture.Truths);
        double total = fixture.Read("loss_total").ToArray()[0];
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        LossTerm.Total(terms).Backward();
        DetectorComparison.Gradients(fixture);
        Assert.DoesNotContain(fixture.Unread, tensor => !tensor.StartsWith("det.", StringComparison.Ordinal)
            && !tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_evaluation_hold_and_nothing_waits(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        var detector = (CenterNetDetector)fixture.Detector;
        using (new NoGrad()) {
            SameOutputs(fixture, "evalout", Assert.Single(detector.Forward(fixture.Batch)));
            Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("evalout.", StringComparison.Ordinal));
            long before = gpu?.Waits ?? 0;   // norms are folded by now
            _ = detector.Forward(fixture.Batch);
            Assert.Equal(before, gpu?.Waits ?? 0);
        }
        detector.Train();
        _ = detector.Forward(fixture.Batch);   // norms ask once for their count of batches
        long start = gpu?.Waits ?? 0;
        LossTerm.Total(detector.Losses(fixture.Batch, fixture.Images, fixture.Truths)).Backward();
        Assert.Equal(start, gpu?.Waits ?? 0);
    }

    private static void SameOutputs(DetectorFixture fixture, string kind, CenterOutput output) {
        foreach (string tensor in fixture.Tensors) {
            if (tensor.Split('.') is not [var of, var name, "0"] || of != kind) continue;
            Tensor ours = name switch {
                "center_heatmap_pred" => output.Heat,
                "wh_pred" => output.Sizes,
                "offset_pred" => output.Offsets,
                _ => throw new KeyNotFoundException(tensor),
            };
            fixture.Same(tensor, DetectorComparison.Nchw(ours), 1e-4);
        }
    }
}
