using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>Trains a detector. All of its state is the detector's, the optimiser's state and the number of steps done: saved and
/// loaded by <see cref="TrainingCheckpoint"/>, training goes on with the same bits.</summary>
public sealed class Trainer : IDisposable {
    private readonly IReadOnlyList<TrainingPicture> pictures;
    private readonly Augmentation augmentation;
    private readonly Tensor[] parameters;

    /// <summary>Prepares training.</summary>
    /// <param name="detector">What is trained, initialised or loaded.</param>
    /// <param name="pictures">The set; at least one.</param>
    /// <param name="augmentation">What is done to pictures.</param>
    /// <param name="options">Batch size, schedule and so on.</param>
    public Trainer(Detector detector, IReadOnlyList<TrainingPicture> pictures, Augmentation augmentation, TrainingOptions options) {
        (Detector, this.pictures, this.augmentation, Options) = (detector, pictures, augmentation, options);
        parameters = [.. detector.Parameters().Select(named => named.Parameter.Value)];
        IEnumerable<(string Name, Tensor Value)> named = detector.Parameters().Select(each => (each.Name, each.Parameter.Value));
        Optimizer = options.Adam is { } adam
            ? new Adam(named, adam.Beta1, adam.Beta2, adam.Epsilon, options.WeightDecay, options.ParameterRules)
            : new Sgd(named, options.Momentum, options.WeightDecay, options.ParameterRules);
    }

    /// <summary>What is trained.</summary>
    public Detector Detector { get; }

    /// <summary>How.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The optimiser.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Steps done, over all epochs.</summary>
    public long Step { get; internal set; }

    /// <summary>Steps in an epoch.</summary>
    public int StepsPerEpoch => BatchLoader.StepsOf(pictures.Count, Options.BatchSize);

    /// <summary>Steps of the whole training.</summary>
    public long TotalSteps => Options.Steps ?? (long)StepsPerEpoch * Options.Epochs;

    /// <summary>Trains to the end, or until cancelled: then the step in flight is finished, so that a checkpoint can be written.</summary>
    /// <param name="onStep">Told of each step when it is done.</param>
    /// <param name="cancel">Asks to stop.</param>
    /// <returns>Whether the end was reached.</returns>
    /// <exception cref="TrainingException">A loss is not finite: the step, the term and the pictures are named;
    /// the weights are those before it.</exception>
    public bool Run(Action<StepReport>? onStep = null, CancellationToken cancel = default) {
        if (Step >= TotalSteps) return true;
        using var loader = new BatchLoader(pictures, augmentation, Options.BatchSize, Options.Seed, Step, Detector.Device);
        Detector.Train();
        while (Step < TotalSteps) {
            if (cancel.IsCancellationRequested) return false;
            using Batch batch = loader.Next(CancellationToken.None);
            StepReport report = Train(batch);
            Step++;
            onStep?.Invoke(report);
        }
        return true;
    }

    /// <summary>Frees the optimiser's state; the detector is its owner's.</summary>
    public void Dispose() => Optimizer.Dispose();

    private StepReport Train(Batch batch) {
        using var scope = new TensorScope();
        Optimizer.ZeroGrad();
        IReadOnlyList<LossTerm> terms = Detector.Losses(batch.Pixels, batch.Images, [.. batch.Pictures.Select(picture => picture.Truth)],
            TorchChoice.For(Options.Seed, Step));
        Tensor total = LossTerm.Total(terms);
        total.Backward();   // before the losses are read, at once: a device has all of its work then
        bool onHost = Detector.Device is HostDevice;
        Tensor? squares = Options.ClipNorm is null || onHost ? null : GradientClip.Squares(parameters);
        float[][] values = FlatTensors.Download(
            [total, .. terms.Select(term => term.Value), .. squares is null ? [] : (Tensor[])[squares]]);
        (string Name, float Value)[] losses = [.. terms.Select((term, i) => (term.Name, values[i + 1].Sum()))];
        foreach ((string name, float value) in losses)
            if (!float.IsFinite(value))
                throw new TrainingException($"Step {Step + 1}: the loss '{name}' is {value}; the batch has the pictures "
                    + $"{string.Join(", ", batch.Pictures.Select(picture => picture.Id))}.");
        double? norm = Options.ClipNorm is not { } longest ? null : onHost ? GradientClip.Apply(parameters, longest)
            : GradientClip.Apply(parameters, longest, squares is null ? [] : values[^1]);
        float rate = Options.Schedule.At(Step, StepsPerEpoch);
        Optimizer.Step(rate);
        Optimizer.ZeroGrad();
        return new StepReport(Step + 1, batch.Epoch + 1, rate, losses, values[0][0], norm, batch.Pictures.Count);
    }
}
