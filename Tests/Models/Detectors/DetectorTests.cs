using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Tiny detectors of every kind against the originals: detections and training steps.</summary>
public class DetectorTests {
    /// <summary>Each case on the host, and on each device that runs kernels.</summary>
    public static TheoryData<string, string> Cases => GpuCase.Everywhere(DetectorFixture.Cases);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Detections_hold(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu,
            config => config with { Input = config.Input with { FlipTest = false } });
        IReadOnlyList<Detections> found = fixture.Detector.Detect(fixture.Batch, fixture.Images, rescale: false);
        for (int i = 0; i < found.Count; i++) DetectorComparison.Same(name, fixture.Detections($"det.{i}"), found[i]);
        string ofPicture = Path.Combine(fixture.Folder, "detections.json");
        if (!File.Exists(ofPicture)) return;   // some cases have no picture
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(ofPicture));
        Detection[] expected = [.. json.RootElement.EnumerateArray().Select(one => {
            float[] box = [.. one.GetProperty("box").EnumerateArray().Select(value => value.GetSingle())];
            return new Detection(new Box(box[0], box[1], box[2], box[3]), one.GetProperty("score").GetSingle(),
                one.GetProperty("label").GetInt32());
        })];
        using DetectorFixture whole = DetectorFixture.Load(name, gpu);   // mirrored pictures too, if the configuration says so
        DetectorComparison.Same(name, expected, whole.Detector.Detect(Picture.Load(Path.Combine(fixture.Folder, "image0.png"))));
    }

    /// <summary>Those that draw no samples.</summary>
    public static TheoryData<string, string> Repeated =>
        GpuCase.Everywhere([.. DetectorFixture.Cases.Except(DetectorFixture.CasesOf("FasterRCNN"))]);

    [Theory]
    [MemberData(nameof(Repeated))]
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
}
