namespace DenseEngine.Training;

/// <summary>A training in a folder: <c>last.safetensors</c> (the whole state, written after each epoch and when stopped), <c>log.jsonl</c>,
/// and at the end <c>model.safetensors</c> (network and configuration alone).</summary>
public sealed class TrainingRun : IDisposable {
    private readonly TrainingLog log;

    /// <summary>Prepares a run, which replaces what another left in the folder, or takes up the one whose state lies there.</summary>
    /// <param name="folder">Where it writes; exists.</param>
    /// <param name="trainer">What is trained, and how.</param>
    /// <param name="resume">Whether to go on from the folder's state.</param>
    /// <exception cref="CheckpointException">The state is missing, broken or another run's.</exception>
    public TrainingRun(string folder, Trainer trainer, bool resume) {
        (Trainer, StatePath, ModelPath) = (trainer, StateIn(folder), Path.Combine(folder, "model.safetensors"));
        if (resume) TrainingCheckpoint.Resume(StatePath, trainer);
        string logPath = Path.Combine(folder, "log.jsonl");
        if (!resume) File.Delete(logPath);
        log = new TrainingLog(logPath);
        log.Begin(trainer.Step, trainer.Detector.Device);
    }

    /// <summary>Where the state of a folder's run lies, if there is one.</summary>
    public static string StateIn(string folder) => Path.Combine(folder, "last.safetensors");

    /// <summary>What is trained, and how.</summary>
    public Trainer Trainer { get; }

    /// <summary>The file of the whole state.</summary>
    public string StatePath { get; }

    /// <summary>The file of the finished network.</summary>
    public string ModelPath { get; }

    /// <summary>Trains to the end, or until cancelled; either way the state is written.</summary>
    /// <returns>Whether the end was reached.</returns>
    public bool Run(Action<StepReport>? onStep, CancellationToken cancel) {
        bool finished = Trainer.Run(report => {
            log.Write(report);
            onStep?.Invoke(report);
            if (report.Step % Trainer.StepsPerEpoch == 0) TrainingCheckpoint.Save(StatePath, Trainer);
        }, cancel);
        if (!finished) TrainingCheckpoint.Save(StatePath, Trainer);
        Trainer.Detector.Train(false);
        if (finished) Trainer.Detector.Save(ModelPath);
        return finished;
    }

    /// <summary>Notes an evaluation in the log.</summary>
    public void Note(CocoFigures figures) => log.Write(Trainer.Step, figures);

    /// <summary>Closes the log.</summary>
    public void Dispose() => log.Dispose();
}
