using System.Globalization;
using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny detectors against the originals: outputs, losses, gradients, assignments, detections, training steps.</summary>
public class DetectorTests {
    /// <summary>Each case on the host, and on each device that runs kernels.</summary>
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.Cases);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_losses_gradients_and_assignments_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        fixture.Trained.Train();
        Tensor[] levels = fixture.Detector.Neck.Forward(fixture.Detector.Backbone.Forward(fixture.Batch));
        IReadOnlyList<HeadOutput> outputs = fixture.Detector.Head.Forward(levels);
        for (int level = 0; level < levels.Length; level++) {
            fixture.Same($"neck.{level}", Nchw(levels[level]), 1e-4);
            SameOutputs(fixture, "out", level, outputs[level]);
        }

        IReadOnlyList<LossTerm> terms = fixture.Trained.Losses(fixture.Batch, fixture.Images, fixture.Truths);
        double total = fixture.Json.GetProperty("total_loss").GetDouble();
        foreach (LossTerm term in terms)
            Compare.Close("detectors loss", $"{name} {term.Name}", fixture.Read($"loss.{term.Name}"), term.Value, 1e-6 * total, 1e-4);
        LossTerm.Total(terms).Backward();
        CompareGradients(fixture);
        if (fixture.Json.TryGetProperty("cls_num_pos_samples_per_level", out JsonElement counts))
            Assert.Equal(counts.GetProperty("after").EnumerateArray().Select(count => (long)count.GetDouble()), fixture.Detector.Head.LevelCounts);

        for (int i = 0; i < fixture.Images.Length; i++) {
            HeadAssignment assigned = fixture.Detector.Head.Assign(outputs, i, fixture.Images[i], fixture.Truths[i]);
            bool same = fixture.Contains($"assign.{i}");
            Assert.Equal(fixture.Read(same ? $"assign.{i}" : $"assign_cls.{i}").ToIntArray(), assigned.ForClasses);
            Assert.Equal(fixture.Read(same ? $"assign.{i}" : $"assign_reg.{i}").ToIntArray(), assigned.ForBoxes);
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
        IReadOnlyList<HeadOutput> outputs = fixture.Detector.Forward(fixture.Batch);
        for (int level = 0; level < outputs.Count; level++) SameOutputs(fixture, "evalout", level, outputs[level]);
        Assert.DoesNotContain(fixture.Unread, tensor => tensor.StartsWith("evalout.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Detections_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        IReadOnlyList<Detections> found = fixture.Detector.Detect(fixture.Batch, fixture.Images, rescale: false);
        for (int i = 0; i < found.Count; i++) {
            float[] rows = fixture.Read($"det.{i}.boxes").ToArray();
            int[] labels = fixture.Read($"det.{i}.labels").ToIntArray();
            Same(name, [.. labels.Select((label, k) =>
                new Detection(new Box(rows[5 * k], rows[5 * k + 1], rows[5 * k + 2], rows[5 * k + 3]), rows[5 * k + 4], label))], found[i]);
        }
        string ofPicture = Path.Combine(fixture.Folder, "detections.json");
        if (!File.Exists(ofPicture)) return;   // some cases have no picture
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(ofPicture));
        Detection[] expected = [.. json.RootElement.EnumerateArray().Select(one => {
            float[] box = [.. one.GetProperty("box").EnumerateArray().Select(value => value.GetSingle())];
            return new Detection(new Box(box[0], box[1], box[2], box[3]), one.GetProperty("score").GetSingle(),
                one.GetProperty("label").GetInt32());
        })];
        Same(name, expected, fixture.Detector.Detect(Picture.Load(Path.Combine(fixture.Folder, "image0.png"))));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_steps_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(fixture.Folder, "trajectory.json")));
        fixture.Trained.Train();
        using var sgd = new Sgd(fixture.Detector.Parameters().Select(each => (each.Name, each.Parameter.Value)),
            json.RootElement.GetProperty("momentum").GetSingle(), json.RootElement.GetProperty("weight_decay").GetSingle());
        int number = 0;
        foreach (JsonElement step in json.RootElement.GetProperty("steps").EnumerateArray()) {
            using var scope = new TensorScope();
            Tensor loss = LossTerm.Total(fixture.Trained.Losses(fixture.Batch, fixture.Images, fixture.Truths));
            double expected = step.GetProperty("loss").GetDouble(), allowed = (number < 5 ? 1e-3 : 0.02) * expected;
            Compare.Close($"detectors step {(number < 5 ? "0-4" : "5-")}", $"{name} step {number}", Tensor.Scalar((float)expected), loss,
                allowed, 0);
            sgd.ZeroGrad();
            loss.Backward();
            sgd.Step(json.RootElement.GetProperty("lr").GetSingle());
            number++;
        }
        Assert.True(number >= 20, $"{name}: only {number} steps");
    }

    /// <summary>From the batch to the outputs, and from them to the gradients, all work is queued: nothing waits for the device.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_waits_inside_a_forward_or_a_step(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        if (gpu is null) return;
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        for (int run = 0; run < 2; run++) {   // the first folds the norms into the convolutions
            long before = gpu.Waits;
            using var noGrad = new NoGrad();
            _ = fixture.Detector.Forward(fixture.Batch);
            _ = fixture.Distilled?.Teacher.Forward(fixture.Batch);
            Assert.True(run == 0 || gpu.Waits == before, $"waited {gpu.Waits - before} times in a forward");
        }
        fixture.Trained.Train();
        _ = fixture.Detector.Forward(fixture.Batch);   // norms ask once for their count of batches
        long start = gpu.Waits;
        LossTerm.Total(fixture.Trained.Losses(fixture.Batch, fixture.Images, fixture.Truths)).Backward();
        if (fixture.Detector.Head.AssignsByPredictions) start++;   // assignment, which is the host's, reads them
        Assert.Equal(start, gpu.Waits);
        gpu.Synchronize();
        Assert.Equal(start + 1, gpu.Waits);
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
            fixture.Same(tensor, Nchw(ours), 1e-4);
        }
    }

    private static Tensor Nchw(Tensor map) => FixtureCase.Nchw(map.To(HostDevice.Default));

    private static void CompareGradients(DetectorFixture fixture) {
        string[] expected = [.. fixture.Tensors.Where(tensor => tensor.StartsWith("grad.", StringComparison.Ordinal))];
        Dictionary<string, StateTensor> state = fixture.Detector.State().ToDictionary(entry => entry.Name, entry => entry.Value);
        Assert.Equal(expected.Order(StringComparer.Ordinal), fixture.Detector.Parameters().Where(each => each.Parameter.Trains)
            .Select(each => "grad." + each.Name).Order(StringComparer.Ordinal));
        double largest = expected.Max(tensor => Norm(fixture.Read(tensor).ToArray()));
        foreach (string tensor in expected) {
            StateTensor parameter = state[tensor["grad.".Length..]];
            float[] wanted = fixture.Read(tensor).ToArray();
            Assert.True(parameter.Value.Grad is not null, $"{tensor}: there is no gradient");
            float[] got = (parameter.Layout == StateLayout.Convolution ? Nchw(parameter.Value.Grad) : parameter.Value.Grad).ToArray();
            double error = Norm([.. wanted.Zip(got, (a, b) => a - b)]), allowed = 1e-3 * Norm(wanted) + 1e-6 * largest;
            Assert.True(error <= allowed,
                string.Create(CultureInfo.InvariantCulture, $"{tensor}: error {error:g3} of norm {Norm(wanted):g3} exceeds {allowed:g3}"));
            Compare.LargestShare.AddOrUpdate("detectors grad", error / allowed, (_, before) => Math.Max(before, error / allowed));
        }
    }

    /// <summary>Same number, labels and order; neighbours whose reference scores differ by less than 2e-5 may swap.</summary>
    private static void Same(string name, Detection[] expected, Detections found) {
        Assert.Equal(expected.Length, found.Count);
        var left = new List<Detection>(expected);
        double box = 0, score = 0;
        for (int i = 0; i < found.Count; i++) {
            int match = left.FindIndex(one => Close(one, found[i]) && left[0].Score - one.Score < 2e-5f);
            Assert.True(match >= 0, $"{name}: detection {i} is {found[i]}, expected {left[0]}");
            box = Math.Max(box, BoxError(left[match].Box, found[i].Box));
            score = Math.Max(score, Math.Abs((double)left[match].Score - found[i].Score));
            left.RemoveAt(match);
        }
        Compare.LargestShare.AddOrUpdate("detectors boxes", box / 0.05, (_, before) => Math.Max(before, box / 0.05));
        Compare.LargestShare.AddOrUpdate("detectors scores", score / 1e-4, (_, before) => Math.Max(before, score / 1e-4));
    }

    private static bool Close(Detection a, Detection b) =>
        a.Label == b.Label && Math.Abs(a.Score - b.Score) <= 1e-4f && BoxError(a.Box, b.Box) <= 0.05;

    private static double BoxError(Box a, Box b) =>
        Math.Max(Math.Max(Math.Abs(a.X1 - b.X1), Math.Abs(a.Y1 - b.Y1)), Math.Max(Math.Abs(a.X2 - b.X2), Math.Abs(a.Y2 - b.Y2)));

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value));
}
