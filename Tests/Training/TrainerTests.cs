using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

public sealed class TrainerTests : IDisposable {
    private readonly string folder = Directory.CreateTempSubdirectory("dense-trainer-").FullName;
    private readonly CocoDataset set;

    // With counts of positives, which are part of the state.
    private static readonly GflConfig Config =
        GflConfig.Demo([.. DemoSet.Categories.Select(category => category.Name)]) with { StackedConvs = 1, LevelBalance = new() };

    public TrainerTests() {
        DemoSet.Write(folder, "train", 6, 3);
        set = new CocoDataset(new CocoAnnotations(Path.Combine(folder, "train.json")), folder);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Trainer Start(Detector detector, IReadOnlyList<TrainingPicture>? pictures = null) =>
        new(detector, pictures ?? set.Pictures, Augmentation.Of(Config), new TrainingOptions {
            Epochs = 3,
            BatchSize = 2,
            Schedule = new CosineSchedule(0.01f, 9, WarmupSteps: 2),
            ClipNorm = 35,
            Seed = 4,
        });

    private static int[] Bits(Detector detector) {
        using var scope = new TensorScope();
        return [.. detector.StateDict().SelectMany(state => state.Tensor.DType == DType.Int32 ? state.Tensor.ToIntArray()
            : state.Tensor.ToArray().Select(BitConverter.SingleToInt32Bits))];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void A_run_cut_anywhere_and_resumed_ends_with_the_same_bits(int cut) {
        using Detector whole = Detector.Build(Config, 1);
        using (Trainer uncut = Start(whole)) Assert.True(uncut.Run());
        string state = Path.Combine(folder, "last.safetensors");
        using (Detector first = Detector.Build(Config, 1)) {
            using var stop = new CancellationTokenSource();
            using Trainer begun = Start(first);
            Assert.False(begun.Run(report => {
                if (report.Step == cut) stop.Cancel();
            }, stop.Token));
            Assert.Equal(cut, begun.Step);
            TrainingCheckpoint.Save(state, begun);
        }
        using Detector second = Detector.Build(Config, 99);
        using Trainer resumed = Start(second);
        TrainingCheckpoint.Resume(state, resumed);
        Assert.True(resumed.Run());
        Assert.Equal(Bits(whole), Bits(second));
    }

    [Fact]
    public void A_state_of_other_settings_or_without_training_is_refused() {
        using Detector detector = Detector.Build(Config, 1);
        string state = Path.Combine(folder, "last.safetensors"), weights = Path.Combine(folder, "weights.safetensors");
        using (Trainer trainer = Start(detector)) TrainingCheckpoint.Save(state, trainer);
        using var other = new Trainer(detector, set.Pictures, Augmentation.Of(Config),
            new TrainingOptions { Epochs = 3, BatchSize = 2, Seed = 5 });
        string refusal = Assert.Throws<CheckpointException>(() => TrainingCheckpoint.Resume(state, other)).Message;
        Assert.Contains("other settings: ", refusal, StringComparison.Ordinal);
        Assert.EndsWith(", Seed was 4 and is 5.", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("Momentum", refusal, StringComparison.Ordinal);   // the same in both
        detector.Save(weights);
        Assert.Contains("no training to resume",
            Assert.Throws<CheckpointException>(() => TrainingCheckpoint.Resume(weights, other)).Message, StringComparison.Ordinal);
        using Detector loaded = Detector.Load(state);
        Assert.Equal(Bits(detector), Bits(loaded));
    }

    [Fact]
    public void A_loss_that_is_not_finite_names_step_term_and_pictures_and_changes_nothing() {
        using Detector detector = Detector.Build(Config, 1);
        Tensor weight = detector.Parameters().Single(named => named.Name == "bbox_head.gfl_cls.weight").Parameter.Value;
        weight.Span.Fill(float.NaN);
        weight.MarkChanged();
        int[] before = Bits(detector)[..1000];
        using Trainer trainer = Start(detector);
        string message = Assert.Throws<TrainingException>(() => trainer.Run()).Message;
        Assert.Contains("Step 1: the loss 'loss_cls'", message, StringComparison.Ordinal);
        Assert.Matches("pictures [1-6], [1-6]", message);
        Assert.Equal(before, Bits(detector)[..1000]);
    }

    [Fact]
    public void A_log_says_where_and_how_exactly_a_run_computes() {
        string path = Path.Combine(folder, "log.jsonl");
        using GpuDevice? gpu = GpuCase.All.FirstOrDefault(place => place.Name == "checked") is { Name: not null } place ? place.Open() : null;
        using (var log = new TrainingLog(path)) {
            log.Begin(0, HostDevice.Default);
            if (gpu is not null) {
                gpu.Precision = Precision.BFloat16;
                log.Begin(7, gpu);
            }
        }
        string[] expected = ["""{"step":0,"device":"host","precision":"float32"}""",
            """{"step":7,"device":"checked","precision":"bf16"}"""];
        Assert.Equal(expected.Take(gpu is null ? 1 : 2), File.ReadAllLines(path));
    }

    [Fact]
    public void Training_lowers_the_loss() {
        using Detector detector = Detector.Build(Config, 1);
        using var trainer = new Trainer(detector, set.Pictures, Augmentation.Of(Config),
            new TrainingOptions { Epochs = 40, BatchSize = 6, Schedule = new CosineSchedule(0.02f, 40), ClipNorm = 35, Seed = 4 });
        var losses = new List<float>();
        trainer.Run(report => losses.Add(report.Total));
        Assert.True(losses[^5..].Average() < 0.8 * losses[..5].Average(), $"from {losses[..5].Average()} to {losses[^5..].Average()}");
    }
}
