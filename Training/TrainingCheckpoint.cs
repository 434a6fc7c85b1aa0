using System.Globalization;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>A run's whole state in one safetensors file: the network's state by mmdetection's names, the optimiser's state, and in the
/// metadata where the run stands and what it was started with. The network's part alone can be opened by whoever wants to detect.</summary>
public static class TrainingCheckpoint {
    private const string OfOptimizer = "optimizer.", StepKey = "training.step", SettingsKey = "training.settings",
        CountsKey = "training.level_counts", SamplersKey = "training.samplers";

    /// <summary>Writes the state, all or nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trainer">The run.</param>
    public static void Save(string path, Trainer trainer) {
        using var scope = new TensorScope();
        var texts = new Dictionary<string, string> {
            [Detector.ConfigKey] = trainer.Detector.Config.ToJson(),
            [StepKey] = trainer.Step.ToString(CultureInfo.InvariantCulture),
            [SettingsKey] = Settings(trainer),
        };
        if (HeadOf(trainer) is { LevelCounts.Count: > 0 } head) texts[CountsKey] = JsonSerializer.Serialize(head.LevelCounts);
        if (trainer.Detector is TwoStageDetector stages) texts[SamplersKey] = JsonSerializer.Serialize(stages.SamplersState);
        SafeTensorsWriter.Write(path, [
            .. trainer.Detector.StateDict(),
            .. trainer.Optimizer.State.Select(state => (OfOptimizer + state.Name, state.Value)),
        ], texts);
    }

    /// <summary>Takes a saved state into a run that was prepared alike.</summary>
    /// <exception cref="CheckpointException">The file is no training state, or that of a run with other settings;
    /// what differs is named.</exception>
    public static void Resume(string path, Trainer trainer) {
        using var scope = new TensorScope();
        using CheckpointFile file = CheckpointFile.Open(path);
        if (!long.TryParse(file.Text(StepKey), NumberStyles.None, CultureInfo.InvariantCulture, out long done))
            throw new CheckpointException($"{path}: this holds weights, but no training to resume; give it to --init.");
        if (Difference(file.Text(SettingsKey) ?? "", Settings(trainer)) is { Length: > 0 } difference)
            throw new CheckpointException($"{path}: that run had other settings: {difference}.");
        trainer.Detector.Load(file);
        trainer.Optimizer.Load(file.Entries.Where(entry => entry.Name.StartsWith(OfOptimizer, StringComparison.Ordinal))
            .Select(entry => (entry.Name[OfOptimizer.Length..], file.Read(entry.Name))));
        if (file.Text(CountsKey) is { } counts && HeadOf(trainer) is { } head)
            head.LevelCounts = Listed<long>(path, counts, "whole numbers");
        if (file.Text(SamplersKey) is { } samplers && trainer.Detector is TwoStageDetector stages)
            stages.SamplersState = Listed<bool>(path, samplers, "true and false for two samplers", 2);
        trainer.Step = done;
    }

    private static DenseHead? HeadOf(Trainer trainer) => trainer.Detector.Modules<DenseHead>().FirstOrDefault();

    private static T[] Listed<T>(string path, string text, string what, int? count = null) {
        try {
            if (JsonSerializer.Deserialize<T[]>(text) is { } list && (count ?? list.Length) == list.Length) return list;
        } catch (JsonException e) {
            throw new CheckpointException($"{path}: '{text}' is no list of {what}.", e);
        }
        throw new CheckpointException($"{path}: '{text}' is no list of {what}.");
    }

    /// <summary>The settings in which two runs differ, each as it was and as it is.</summary>
    private static string Difference(string saved, string settings) {
        Dictionary<string, JsonElement> before, now = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(settings)!;
        try {
            before = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(saved) ?? [];
        } catch (JsonException) {
            return $"'{saved}' is no list of settings";
        }
        return string.Join(", ", from key in before.Keys.Union(now.Keys)
                                 let was = Text(before, key)
                                 let text = Text(now, key)
                                 where was != text
                                 select $"{key} was {was} and is {text}");

        static string Text(Dictionary<string, JsonElement> all, string key) =>
            all.TryGetValue(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : "none";
    }

    /// <summary>All that decides what a step computes, but the set itself.</summary>
    private static string Settings(Trainer trainer) => JsonSerializer.Serialize(new {
        trainer.Options.Epochs,
        trainer.Options.Steps,
        trainer.Options.BatchSize,
        Schedule = JsonSerializer.SerializeToElement(trainer.Options.Schedule, trainer.Options.Schedule.GetType()),
        trainer.Options.Adam,
        trainer.Options.Momentum,
        trainer.Options.WeightDecay,
        Rules = trainer.Options.ParameterRules.Select(rule => rule.ToString()),
        trainer.Options.ClipNorm,
        trainer.Options.Seed,
        trainer.StepsPerEpoch,
        Teacher = (trainer.Detector as DistilledDetector)?.TeacherDigest,
    });
}
