using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Work for a device is queued: the host waits where it needs a result, and nowhere else.</summary>
public class WaitingTests {
    /// <summary>Each case on each device that runs kernels.</summary>
    public static TheoryData<string, string> Cases => GpuCase.OnDevices(DetectorFixture.Cases);

    /// <summary>From the batch to the detections of all of its pictures, mirrored ones among them where the case has them.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void The_detections_of_a_batch_are_one_download(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        if (gpu is null) return;
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        _ = fixture.Detector.Detect(fixture.Batch, fixture.Images);   // norms are folded by now
        long before = gpu.Waits;
        Assert.Equal(fixture.Images.Length, fixture.Detector.Detect(fixture.Batch, fixture.Images).Count);
        Assert.Equal(before + 1, gpu.Waits);
    }

    public static TheoryData<string, string> Views => GpuCase.OnDevices(["centernet_r18", "cornernet_hg2"]);

    /// <summary>Pictures at several scales, each of which goes through the network by itself.</summary>
    [Theory]
    [MemberData(nameof(Views))]
    public void So_are_those_of_several_views(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        if (gpu is null) return;
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu,
            config => config with { Input = config.Input with { ScaleFactors = [1, 0.5] } });
        var picture = new Picture(50, 41);
        for (int i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(i * 37 % 251);
        Detections first = fixture.Detector.Detect(picture);
        long before = gpu.Waits;
        IReadOnlyList<Detections> both = fixture.Detector.Detect([picture, picture]);
        Assert.Equal(before + 1, gpu.Waits);
        Assert.All(both, found => Assert.Equal(first.AsEnumerable(), found));
        using DetectorFixture host = DetectorFixture.Load(name, change: _ => fixture.Detector.Config);
        DetectorComparison.Same(name, [.. host.Detector.Detect(picture)], first);
    }

    /// <summary>From the batch to the outputs, and from them to the gradients, nothing waits; but for what is decided on the host from
    /// what the network says.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_waits_inside_a_forward_or_a_step(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        if (gpu is null) return;
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        for (int run = 0; run < 2; run++) {   // the first folds the norms into the convolutions
            long before = gpu.Waits;
            using var noGrad = new NoGrad();
            Forward(fixture);
            Assert.True(run == 0 || gpu.Waits == before, $"waited {gpu.Waits - before} times in a forward");
        }
        fixture.Trained.Train();
        Forward(fixture);   // norms ask once for their count of batches
        long start = gpu.Waits;
        LossTerm.Total(fixture.Trained.Losses(fixture.Batch, fixture.Images, fixture.Truths, new TorchChoice(3))).Backward();
        (int least, int most) = fixture.Detector switch {
            DenseDetector { Head.AssignsByPredictions: true } => (1, 1),   // what assignment reads
            // The proposals, which are drawn from; and the losses of each picture's positives and negatives, where these decide.
            TwoStageDetector { Config: FasterRcnnConfig { Roi.Sampler.NeedsLosses: var asks } } =>
                (1, asks ? 1 + 2 * fixture.Images.Length : 1),
            _ => (0, 0),
        };
        Assert.InRange(gpu.Waits - start, least, most);
    }

    private static void Forward(DetectorFixture fixture) {
        _ = fixture.Detector switch {
            DenseDetector dense => dense.Forward(fixture.Batch),
            TwoStageDetector two => two.View(fixture.Batch).Outputs,
            CornerNetDetector corners => corners.Forward(fixture.Batch),
            var centers => (object)((CenterNetDetector)centers).Forward(fixture.Batch),
        };
        _ = fixture.Distilled?.Teacher.Forward(fixture.Batch);
    }

    public static TheoryData<string, string> Trained => GpuCase.OnDevices(["gfl_r18"]);

    /// <summary>All terms of the loss, their sum and the gradients' norms are one download.</summary>
    [Theory]
    [MemberData(nameof(Trained))]
    public void A_step_of_the_trainer_waits_once(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        if (gpu is null) return;
        using DetectorFixture fixture = DetectorFixture.Load(name, gpu);
        TrainingPicture[] pictures = [new(1, Path.Combine(fixture.Folder, "image0.png"), [4, 6, 30, 40], [0], [])];
        using var trainer = new Trainer(fixture.Detector, pictures, Augmentation.Of(fixture.Detector.Config),
            new TrainingOptions { Epochs = 4, BatchSize = 1, ClipNorm = 1 });
        List<long> waits = [];
        trainer.Run(report => {
            Assert.True(report.Losses.Count > 1 && report.GradientNorm > 0);
            waits.Add(gpu.Waits);
        });
        Assert.Equal([1, 1], waits.Skip(2).Zip(waits.Skip(1), (after, before) => after - before));
    }
}
