using System.Globalization;
using System.Text.Json;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny dense detectors against the originals: outputs, losses, gradients, assignments.</summary>
public class DenseDetectorTests {
    /// <summary>Each case on the host, and on each device that runs kernels.</summary>
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.DenseCases);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_losses_gradients_and_assignments_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        fixture.Trained.Train();
        Tensor[] levels = fixture.Dense.Neck.Forward(fixture.Dense.Backbone.Forward(fixture.Batch));
        IReadOnlyList<HeadOutput> outputs = fixture.Dense.Head.Forward(levels);
        for (int level = 0; level < levels.Length; level++) {
            fixture.Same($"neck.{level}", DetectorComparison.Nchw(levels[level]), 1e-4);
            SameOutputs(fixture, "out", level, outputs[level]);
        }

        IReadOnlyList<LossTerm> terms = fixture.Trained.Losses(fixture.Batch, fixture.Images, fixture.Truths);
        double total = fixture.Json.TryGetProperty("total_loss", out JsonElement sum) ? sum.GetDouble()
            : fixture.Read("loss_total").ToArray()[0];
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        LossTerm.Total(terms).Backward();
        DetectorComparison.Gradients(fixture);
        if (fixture.Json.TryGetProperty("cls_num_pos_samples_per_level", out JsonElement counts))
            Assert.Equal(counts.GetProperty("after").EnumerateArray().Select(count => (long)count.GetDouble()),
                fixture.Dense.Head.LevelCounts);

        for (int i = 0; i < fixture.Images.Length; i++) {
            HeadAssignment assigned = fixture.Dense.Head.Assign(outputs, i, fixture.Images[i], fixture.Truths[i]);
            bool same = fixture.Contains($"assign.{i}");
            Assert.Equal(fixture.Read(same ? $"assign.{i}" : $"assign_cls.{i}").ToIntArray(), assigned.ForClasses);
            Assert.Equal(fixture.Read(same ? $"assign.{i}" : $"assign_reg.{i}").ToIntArray(), assigned.ForBoxes);
            if (fixture.Contains($"inside.{i}"))
                Assert.Equal(fixture.Read($"inside.{i}").ToIntArray(), Inside((AnchorHead)fixture.Dense.Head, outputs, fixture.Images[i]));
            if (fixture.Contains($"vlr.{i}")) fixture.SameRegion($"vlr.{i}", outputs, i);
        }
        Assert.DoesNotContain(fixture.Unread, tensor => !tensor.StartsWith("det.", StringComparison.Ordinal)
            && !tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    /// <summary>What the case's forward gives in evaluation mode, where that differs.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_in_evaluation_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        using var noGrad = new NoGrad();
        IReadOnlyList<HeadOutput> outputs = fixture.Dense.Forward(fixture.Batch);
        for (int level = 0; level < outputs.Count; level++) SameOutputs(fixture, "evalout", level, outputs[level]);
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    /// <summary>1 for each anchor that counts.</summary>
    private static int[] Inside(AnchorHead head, IReadOnlyList<HeadOutput> outputs, ImageInfo image) {
        AnchorsInside inside = head.Inside(outputs, image);
        int[] flags = new int[inside.Total];
        foreach (int place in inside.Places) flags[place] = 1;
        return flags;
    }

    /// <summary>Compares those of a level's outputs that the case holds by their original's names.</summary>
    private static void SameOutputs(DetectorFixture fixture, string kind, int level, HeadOutput output) {
        foreach (string tensor in fixture.Tensors) {
            if (tensor.Split('.') is not [var of, var name, var number] || of != kind
                || number != level.ToString(CultureInfo.InvariantCulture)) continue;
            Tensor? ours = name switch {
                "cls_score" => output.Scores,
                "bbox_pred" => output.Boxes,
                "bbox_pred_refine" => output.Refined,
                _ => output.Quality,
            };
            Assert.True(ours is not null, $"{tensor}: the head has no such output");
            fixture.Same(tensor, DetectorComparison.Nchw(ours), 1e-4);
        }
    }
}
