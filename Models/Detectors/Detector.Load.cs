namespace DenseEngine.Models;

public abstract partial class Detector {
    /// <summary>Parameters that a network may have beyond twice those in the file: enough to name what a file lacks, too few to harm.</summary>
    private const long Spare = 1 << 22;

    /// <summary>Opens a detector: a checkpoint of mmdetection (2.x or 3.x), or a file that <see cref="Save"/> or a training wrote.</summary>
    /// <param name="path">The file; its content decides the format.</param>
    /// <param name="config">What the network is; by default what the file says of itself.</param>
    /// <exception cref="CheckpointException">The file is no checkpoint, is broken, does not say what its network is, or its weights do not
    /// fit the network; all that is missing, unexpected or of another shape is named.</exception>
    /// <exception cref="ConfigException">The configuration in the file asks for what is not supported.</exception>
    public static Detector Load(string path, DetectorConfig? config = null) {
        using CheckpointFile file = CheckpointFile.Open(path);
        return Load(file, config);
    }

    /// <summary>Opens a detector from a stream, which is read from its beginning and closed.</summary>
    /// <inheritdoc cref="Load(string, DetectorConfig?)"/>
    public static Detector Load(Stream stream, DetectorConfig? config = null) {
        using CheckpointFile file = CheckpointFile.Open(stream);
        return Load(file, config);
    }

    /// <summary>Opens a detector from an open file.</summary>
    /// <inheritdoc cref="Load(string, DetectorConfig?)"/>
    public static Detector Load(CheckpointFile file, DetectorConfig? config = null) {
        config ??= ConfigOf(file) ?? throw new CheckpointException(
            $"{file.Name}: the file has weights but does not say of which network; name a configuration (--config NAME).");
        if (file.Entries.Count == 0) throw new CheckpointException($"{file.Name}: there are no tensors in the file.");
        Detector? detector = null;
        try {
            using (new ParameterBudget(2 * file.Entries.Sum(entry => entry.Count) + Spare)) detector = config.Make();
            detector.Train(false);
            detector.Load(file);
            return detector;
        } catch (CheckpointException e) {
            detector?.Dispose();
            throw e.Message.StartsWith(file.Name, StringComparison.Ordinal) ? e : new CheckpointException($"{file.Name}: {e.Message}", e);
        } catch {
            detector?.Dispose();
            throw;
        }
    }

    /// <summary>What a file says its network is, or null if it does not say.</summary>
    /// <exception cref="ConfigException">It asks for what is not supported; the message names it and its place.</exception>
    public static DetectorConfig? ConfigOf(CheckpointFile file) {
        if (file.Text(ConfigKey) is { } json) return DetectorConfig.FromJson(json);
        if ((file.Text("meta/config") ?? file.Text("meta/cfg")) is not { } text) return null;
        try {
            return MmdetConfig.Read(text, ClassesOf(file));
        } catch (ConfigException e) {
            throw new ConfigException($"{file.Name}: {e.Message}", e);
        }
    }

    /// <summary>The class names that a checkpoint of mmdetection holds, in the order of the outputs; null if it holds none.</summary>
    public static IReadOnlyList<string>? ClassesOf(CheckpointFile file) {
        foreach (string list in (string[])["meta/CLASSES", "meta/dataset_meta/classes", "meta/dataset_meta/CLASSES"]) {
            List<string> names = [];
            while (file.Text(FormattableString.Invariant($"{list}/{names.Count}")) is { } name) names.Add(name);
            if (names.Count > 0) return names;
        }
        return null;
    }
}
