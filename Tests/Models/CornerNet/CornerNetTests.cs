using System.Globalization;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>CornerNet against the original: outputs, targets, losses, gradients, the flip test.</summary>
public class CornerNetTests {
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.CasesOf("CornerNet"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_targets_losses_and_gradients_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        var detector = (CornerNetDetector)fixture.Detector;
        detector.Train();
        Tensor[] maps = detector.Backbone.Forward(fixture.Batch);
        IReadOnlyList<CornerOutput> outputs = detector.Head.Forward(maps);
        for (int stack = 0; stack < maps.Length; stack++) {
            fixture.Same($"neck.{stack}", DetectorComparison.Nchw(maps[stack]), 1e-4);
            SameOutputs(fixture, "out", stack, outputs[stack]);
        }

        Shape map = outputs[^1].TopLeft.Heat.Shape;
        CornerTargets targets = CornerTargets.Of((CornerNetConfig)detector.Config, fixture.Truths,
            new Pair(fixture.Batch.Shape[1], fixture.Batch.Shape[2]), new Pair(map[1], map[2]), fixture.Device);
        (string, CornerTarget)[] both = [("tl", targets.TopLeft), ("br", targets.BottomRight)];
        foreach ((string corner, CornerTarget target) in both) {
            fixture.Same($"target.{corner}_heat", DetectorComparison.Nchw(target.Heat), 1e-6);
            fixture.Same($"target.{corner}_off", DetectorComparison.Nchw(target.Offsets), 1e-6);
        }
        foreach ((int i, IReadOnlyList<CornerCells> objects) in targets.Objects.Index())
            Assert.Equal(fixture.Read($"target.match.{i}").ToIntArray(),
                objects.SelectMany(each => (int[])[each.Top, each.Left, each.Bottom, each.Right]));

        IReadOnlyList<LossTerm> terms = detector.Losses(fixture.Batch, fixture.Images, fixture.Truths);
        double total = fixture.Read("loss_total").ToArray()[0];
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        Tensor sum = LossTerm.Total(terms);
        Compare.Close("detectors loss", $"{name} total", fixture.Read("loss_total"), sum, 1e-6 * total, 1e-4);
        sum.Backward();
        DetectorComparison.Gradients(fixture);
        Assert.DoesNotContain(fixture.Unread, tensor => !tensor.StartsWith("det", StringComparison.Ordinal)
            && !tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_evaluation_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        using var noGrad = new NoGrad();
        IReadOnlyList<CornerOutput> outputs = ((CornerNetDetector)fixture.Detector).Forward(fixture.Batch);
        for (int stack = 0; stack < outputs.Count; stack++) SameOutputs(fixture, "evalout", stack, outputs[stack]);
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    /// <summary>A picture and its mirror image; the original's rows are grouped by class, ours best first.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Flip_test_holds(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        Assert.True(fixture.Detector.Config.Input.FlipTest);
        IReadOnlyList<Detections> found = fixture.Detector.Detect(fixture.Batch, fixture.Images, rescale: false);
        for (int i = 0; i < found.Count; i++) {
            Detection[] expected = fixture.Detections($"det_flip.{i}");
            foreach (IGrouping<int, Detection> ofClass in expected.GroupBy(each => each.Label))
                DetectorComparison.Same(name, [.. ofClass], new Detections([.. found[i].Where(each => each.Label == ofClass.Key)]));
            Assert.Equal(expected.Length, found[i].Count);
        }
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("det_flip.", StringComparison.Ordinal));
    }

    private static void SameOutputs(DetectorFixture fixture, string kind, int stack, CornerOutput output) {
        foreach ((string corner, CornerMaps maps) in ((string, CornerMaps)[])[("tl", output.TopLeft), ("br", output.BottomRight)]) {
            (string, Tensor)[] parts = [("heat", maps.Heat), ("emb", maps.Embeddings), ("off", maps.Offsets)];
            foreach ((string part, Tensor map) in parts) {
                string tensor = string.Create(CultureInfo.InvariantCulture, $"{kind}.{corner}_{part}.{stack}");
                fixture.Same(tensor, DetectorComparison.Nchw(map), 1e-4);
            }
        }
    }
}
