using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Trainings that draw samples.</summary>
public sealed class SampledTrainingTests : IDisposable {
    private const int Steps = 3;

    private readonly TemporaryFolder folder = new();
    private readonly CocoDataset set;

    public SampledTrainingTests() {
        DemoSet.Write(folder.Path, "train", 4, 3);
        set = new CocoDataset(new CocoAnnotations(folder["train.json"]), folder.Path);
    }

    /// <summary>IoU-balanced sampling without a floor draws otherwise in its first picture than ever after.</summary>
    private static FasterRcnnConfig Config {
        get {
            var demo = (FasterRcnnConfig)Presets.Find("faster_rcnn/faster_rcnn_r18_demo");
            return demo with {
                Roi = demo.Roi with {
                    Sampler = new CombinedSampler(40, 0.25, new InstanceBalancedPosSampler(40, 0.25), new IouBalancedNegSampler(40, 0.25)),
                },
            };
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_cut_and_resumed_draws_what_it_would_have_drawn() {
        var whole = new List<string>();
        using (Trainer uncut = Start(1)) Run(uncut, Steps, whole);
        var parts = new List<string>();
        using (Trainer begun = Start(1)) {
            Run(begun, 1, parts);
            Assert.Equal([false, true], ((TwoStageDetector)begun.Detector).SamplersState);
            TrainingCheckpoint.Save(folder["last.safetensors"], begun);
        }
        using Trainer resumed = Start(99);
        TrainingCheckpoint.Resume(folder["last.safetensors"], resumed);
        Assert.Equal([false, true], ((TwoStageDetector)resumed.Detector).SamplersState);
        Run(resumed, Steps, parts);
        Assert.Equal(whole, parts);
    }

    [Fact]
    public void A_state_of_samplers_that_cannot_be_read_is_refused() {
        using Trainer trainer = Start(1);
        TrainingCheckpoint.Save(folder["last.safetensors"], trainer);
        foreach (string wrong in (string[])["[true]", "[1,2]", "true", "[", "null"]) {
            using (CheckpointFile file = CheckpointFile.Open(folder["last.safetensors"])) {
                SafeTensorsWriter.Write(folder["wrong.safetensors"], [.. file.Entries.Select(entry => (entry.Name, file.Read(entry.Name)))],
                    file.Values.ToDictionary(text => text.Key, text => text.Key == "training.samplers" ? wrong : (string)text.Value!));
            }
            Assert.Contains("samplers", Assert.Throws<CheckpointException>(() =>
                TrainingCheckpoint.Resume(folder["wrong.safetensors"], trainer)).Message, StringComparison.Ordinal);
        }
    }

    private Trainer Start(ulong seed) => new(Detector.Build(Config, seed), set.Pictures, Augmentation.Of(Config),
        new TrainingOptions { Epochs = 2, BatchSize = 2, Steps = Steps, Seed = 4 });

    private static void Run(Trainer trainer, int until, List<string> losses) {
        using var stop = new CancellationTokenSource();
        trainer.Run(report => {
            losses.Add($"{report.Step} {string.Join(' ', report.Losses.Select(loss => BitConverter.SingleToInt32Bits(loss.Value)))}");
            if (report.Step == until) stop.Cancel();
        }, stop.Token);
        Assert.Equal(until, trainer.Step);
        if (until == Steps) trainer.Detector.Dispose();
    }
}
