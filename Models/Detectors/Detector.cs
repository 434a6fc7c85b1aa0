namespace DenseEngine.Models;

/// <summary>A network that finds objects, with its configuration. Safe to call from several threads at once in evaluation mode.</summary>
public abstract class Detector(DetectorConfig config) : Module {
    /// <summary>What it was built from.</summary>
    public DetectorConfig Config => config;

    /// <summary>Builds a detector in evaluation mode, its weights initialised for training from scratch.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="seed">The weights' seed.</param>
    /// <exception cref="ConfigException">The configuration contradicts itself or asks for what is not supported.</exception>
    public static Detector Build(DetectorConfig config, ulong seed = 0) {
        Detector detector = config.Create();
        detector.Initialize(new Philox(seed, stream: 1));
        detector.Train(false);
        return detector;
    }

    /// <summary>Builds a detector from a file that <see cref="Save"/> wrote: configuration and weights.</summary>
    /// <exception cref="CheckpointException">The file is broken, has no configuration, or does not fit it.</exception>
    public static Detector Load(string path) {
        using CheckpointFile file = CheckpointFile.Open(path);
        string json = file.Text(ConfigKey)
            ?? throw new CheckpointException($"{path}: the file has weights but no configuration of DenseEngine; name one with --config.");
        return Load(file, DetectorConfig.FromJson(json));
    }

    /// <summary>Builds a detector from a configuration and a file of weights.</summary>
    /// <exception cref="CheckpointException">The file does not fit the configuration.</exception>
    public static Detector Load(CheckpointFile file, DetectorConfig config) {
        Detector detector = config.Create();
        detector.Train(false);
        try {
            StateLoader.Load(detector, file);
        } catch {
            detector.Dispose();
            throw;
        }
        return detector;
    }

    /// <summary>The name of the configuration among a file's texts.</summary>
    public const string ConfigKey = "dense.config";

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
    public abstract IReadOnlyList<LossTerm> Losses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths);

    /// <summary>The objects in each picture of a batch. The detector must be in evaluation mode.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    public abstract IReadOnlyList<Detections> Detect(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale = true);

    /// <summary>The objects in a picture, in its own pixels.</summary>
    public Detections Detect(Picture picture) => Detect([picture])[0];

    /// <summary>The objects in each of some pictures, taken as one batch, in their own pixels.</summary>
    public IReadOnlyList<Detections> Detect(IReadOnlyList<Picture> pictures) {
        using var scope = new TensorScope();
        (Tensor batch, ImageInfo[] images) = config.Input.Prepare(pictures, Device);
        return Detect(batch, images);
    }
}
