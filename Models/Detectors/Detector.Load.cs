namespace DenseEngine.Models;

public abstract partial class Detector {
    /// <summary>Parameters that a network may have beyond twice those in the file: enough to name what a file lacks, too few to
    /// harm.</summary>
    private const long Spare = 1 << 22;

    private CheckpointFile? weights;   // those that were not read yet

    /// <summary>Opens a detector: a checkpoint of mmdetection (2.x or 3.x), or a file that <see cref="Save"/> or a training wrote. The file
    /// stays open until the detector is disposed: large weights are read when they are needed. It may be moved or deleted, but not be
    /// changed.</summary>
    /// <param name="path">The file; its content decides the format.</param>
    /// <param name="config">What the network is; by default what the file says of itself.</param>
    /// <exception cref="CheckpointException">The file is no checkpoint, is broken, does not say what its network is, or its weights do not
    /// fit the network; all that is missing, unexpected or of another shape is named.</exception>
    /// <exception cref="ConfigException">The configuration in the file asks for what is not supported.</exception>
    public static Detector Load(string path, DetectorConfig? config = null) => Load(CheckpointFile.Open(path), config, leaveOpen: false);

    /// <summary>Opens a detector from a stream, which is read from its beginning and closed.</summary>
    /// <inheritdoc cref="Load(string, DetectorConfig?)"/>
    public static Detector Load(Stream stream, DetectorConfig? config = null) {
        using CheckpointFile file = CheckpointFile.Open(stream);
        return Load(file, config);
    }

    /// <summary>Opens a detector from an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="config">What the network is; by default what the file says of itself.</param>
    /// <param name="leaveOpen">Whether the file stays the caller's, and all weights are read now; otherwise it is the detector's, which
    /// reads large weights when it needs them, and closes it.</param>
    /// <inheritdoc cref="Load(string, DetectorConfig?)"/>
    public static Detector Load(CheckpointFile file, DetectorConfig? config = null, bool leaveOpen = true) {
        Detector? detector = null;
        try {
            config ??= ConfigOf(file) ?? throw new CheckpointException(
                $"{file.Name}: the file has weights but does not say of which network; name a configuration (--config NAME).");
            if (file.Entries.Count == 0) throw new CheckpointException($"{file.Name}: there are no tensors in the file.");
            using (new ParameterBudget(2 * file.Entries.Sum(entry => entry.Count) + Spare)) detector = config.Make();
            detector.Train(false);
            StateLoader.Fill(detector, file, owned: !leaveOpen);
            if (!leaveOpen) detector.weights = file;
            return detector;
        } catch (Exception e) {
            detector?.Dispose();
            if (!leaveOpen) file.Dispose();
            if (e is CheckpointException && !e.Message.StartsWith(file.Name, StringComparison.Ordinal))
                throw new CheckpointException($"{file.Name}: {e.Message}", e);
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
