namespace DenseEngine.Models;

/// <summary>A network that finds objects, with its configuration.
/// <para>In evaluation mode <c>Detect</c> may be called from any number of threads at once; each call has the bits that it would have
/// alone. The detector may be disposed while calls run: those end as if it had not been, and the last one frees the weights; later calls
/// throw an <see cref="ObjectDisposedException"/>. Whatever changes the network (training, loading, moving it to another device) needs it
/// alone.</para></summary>
/// <example><code>using var detector = Detector.Load("gfl.pth");
/// foreach (Detection found in detector.Detect("street.jpg"))
///     Console.WriteLine($"{detector.Config.Classes[found.Label]} {found.Score:0.00} {found.Box}");</code></example>
public abstract partial class Detector(DetectorConfig config) : Module {
    /// <summary>The name of the configuration among a file's texts.</summary>
    public const string ConfigKey = "dense.config";

    /// <summary>What it was built from.</summary>
    public DetectorConfig Config => config;

    /// <summary>Builds a detector in evaluation mode, its weights initialised for training from scratch.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="seed">The weights' seed.</param>
    /// <exception cref="ConfigException">The configuration contradicts itself or asks for what is not supported.</exception>
    public static Detector Build(DetectorConfig config, ulong seed = 0) {
        Detector detector = config.Make();
        detector.Initialize(new Philox(seed, stream: 1));
        detector.Train(false);
        return detector;
    }

    /// <summary>Writes weights (PyTorch's names and layouts) and configuration as safetensors.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Save(string path) {
        using var scope = new TensorScope();
        SafeTensorsWriter.Write(path, StateDict(), new Dictionary<string, string> { [ConfigKey] = config.ToJson() });
    }

    /// <summary>The terms of the loss of a batch, recorded for <see cref="Tensor.Backward"/>.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="truths">Their objects, in the batch's pixels.</param>
    /// <param name="choice">Draws samples, for the detectors that do so.</param>
    public IReadOnlyList<LossTerm> Losses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice = null) {
        CheckBatch(batch, images);
        Check.That(images.Count == truths.Count, $"Losses: {images.Count} pictures but {truths.Count} lists of objects were given.");
        using var scope = new TensorScope();
        IReadOnlyList<LossTerm> terms = BatchLosses(batch, images, truths, choice);
        foreach (LossTerm term in terms) scope.Keep(term.Value);
        return terms;
    }

    /// <summary>What <see cref="Losses"/> gives; the batch was checked.</summary>
    protected abstract IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice);

    /// <summary>The objects in each picture of a batch, which was checked; nothing is recorded.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    protected abstract IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale);

    private static void CheckBatch(Tensor batch, IReadOnlyList<ImageInfo> images) =>
        Check.That(batch.Shape.Rank == 4 && batch.Shape[3] == 3 && batch.Shape[0] == images.Count,
            $"Detector: {images.Count} pictures need a batch of shape [{images.Count}, height, width, 3] but it has {batch.Shape}.");
}
