using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

/// <summary><c>dense train</c> with a teacher, as users run it.</summary>
public sealed class TrainCommandTests : IDisposable {
    private readonly TemporaryFolder folder = new();

    public TrainCommandTests() => DemoSet.Write(folder.Path, "train", 4, 3);

    public void Dispose() => folder.Dispose();

    private CommandRun Train(params string[] more) => DenseProcess.Run(["train", "--annotations", folder["train.json"], "--batch-size", "2",
        "--lr", "0.001", "--out", folder["run"], .. more]);

    private string Teacher(Func<GflConfig, GflConfig> change, string name) {
        string[] classes = [.. DemoSet.Categories.Select(category => category.Name)];
        using Detector teacher = Detector.Build(change(GflConfig.Demo(classes)), seed: 3);
        teacher.Save(folder[name]);
        return folder[name];
    }

    [Fact]
    public void A_student_trains_stops_resumes_and_detects_without_its_teacher() {
        string teacher = Teacher(config => config, "teacher.safetensors");
        CommandRun whole = Train("--config", "ld/ld_r18_demo", "--teacher", teacher, "--epochs", "2", "--seed", "4");
        Assert.True(whole.Code == 0, whole.Errors);
        string[] log = File.ReadAllLines(folder["run/log.jsonl"]);
        Assert.Equal("""{"step":0,"device":"host","precision":"float32"}""", log[0]);
        Assert.Contains("\"loss_ld\":", log[1], StringComparison.Ordinal);
        using (Detector student = Detector.Load(folder["run/model.safetensors"])) {
            Assert.NotNull(((GflConfig)student.Config).Distillation);
            Assert.NotNull(student.Detect(Picture.Load(folder["train/00001.png"])));
        }
        CommandRun detected = DenseProcess.Run("detect", folder["train/00001.png"], "--checkpoint", folder["run/model.safetensors"]);
        Assert.Equal((0, ""), (detected.Code, detected.Errors));

        string other = Teacher(config => config with { StackedConvs = 1 }, "other.safetensors");
        CommandRun refused = Train("--config", "ld/ld_r18_demo", "--teacher", other, "--epochs", "2", "--seed", "4", "--resume");
        Assert.True(refused.Code == 2 && refused.Errors.Contains("other settings", StringComparison.Ordinal), refused.Errors);
        CommandRun resumed = Train("--config", "ld/ld_r18_demo", "--teacher", teacher, "--epochs", "2", "--seed", "4", "--resume");
        Assert.True(resumed.Code == 0, resumed.Errors);
    }

    [Fact]
    public void A_state_is_not_written_over_and_what_the_end_needs_is_looked_for_at_the_start() {
        string[] usual = ["--config", "gfl/gfl_r18_demo", "--epochs", "1"];
        Refused("nowhere.json", [.. usual, "--val-annotations", folder["nowhere.json"]]);
        Refused("00000.png: there is no such picture",
            [.. usual, "--val-annotations", folder["train.json"], "--val-pictures", folder["none"]]);
        Assert.False(Directory.Exists(folder["run"]));
        CommandRun whole = Train(usual);
        Assert.True(whole.Code == 0, whole.Errors);
        byte[] state = File.ReadAllBytes(folder["run/last.safetensors"]), log = File.ReadAllBytes(folder["run/log.jsonl"]);
        Refused("--resume goes on with it", [.. usual, "--seed", "9"]);
        Assert.Equal(state, File.ReadAllBytes(folder["run/last.safetensors"]));
        Assert.Equal(log, File.ReadAllBytes(folder["run/log.jsonl"]));

        void Refused(string what, string[] arguments) {
            CommandRun run = Train(arguments);
            Assert.True(run.Code == 2 && run.ErrorLines[^1].Contains(what, StringComparison.Ordinal), $"{run.Code}: {run.Errors}");
        }
    }

    [Fact]
    public void A_bad_teacher_is_refused_in_one_line() {
        string teacher = Teacher(config => config, "teacher.safetensors");
        Refused("name its weights (--teacher FILE)", "--config", "ld/ld_r18_demo");
        Refused("--teacher has no use", "--config", "gfl/gfl_r18_demo", "--teacher", teacher);
        Refused("nowhere.pth", "--config", "ld/ld_r18_demo", "--teacher", folder["nowhere.pth"]);
        Refused("train.json", "--config", "ld/ld_r18_demo", "--teacher", folder["train.json"]);
        Refused("bins of an edge: 9", "--config", "ld/ld_r18_demo", "--teacher",
            Teacher(config => config with { RegMax = 8 }, "few.safetensors"));
        Refused("classes: 2", "--config", "ld/ld_r18_demo", "--teacher",
            Teacher(config => config with { Classes = ["a", "b"] }, "two.safetensors"));
        Assert.False(Directory.Exists(folder["run"]));

        void Refused(string what, params string[] more) {
            CommandRun run = Train(more);
            string line = run.ErrorLines[^1];
            Assert.True(run.Code == 2 && line.Contains(what, StringComparison.Ordinal), $"{run.Code}: {run.Errors}");
        }
    }
}
