using System.CommandLine;
using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary><c>dense convert</c>: writes a network's weights in another format: the same names, types, shapes and bits, with mmdetection's
/// texts (configuration, classes, versions) and, where it is known, our configuration. The state of a training is left out.</summary>
internal static class ConvertCommand {
    /// <summary>Where mmdetection keeps what it says of a network.</summary>
    private const string Meta = "meta/";

    /// <summary>The command.</summary>
    public static Command Create() {
        var input = new Argument<string>("IN") { Description = "A PyTorch or safetensors file." };
        var output = new Argument<string>("OUT") { Description = "What to write: FILE.safetensors, FILE.pth or FILE.pt." };
        Option<string?> config = CommonOptions.Config();
        var force = new Option<bool>("--force") { Description = "Replaces OUT if it is there." };
        var command = new Command("convert", "Writes weights in another format, bit for bit.") { input, output, config, force };
        command.SetAction(parsed =>
            Run(parsed.GetValue(input)!, parsed.GetValue(output)!, parsed.GetValue(config), parsed.GetValue(force)));
        return command;
    }

    private static int Run(string input, string output, string? config, bool force) {
        if (Path.GetExtension(output).ToLowerInvariant() is not ".safetensors" and not ".pth" and not ".pt")
            return Terminal.Refuse($"{output}: the ending says the format; .safetensors, .pth and .pt are written.");
        if (Path.GetFullPath(input) == Path.GetFullPath(output)) return Terminal.Refuse($"{output}: is the file that is read.");
        if (File.Exists(output) && !force) return Terminal.Refuse($"{output}: is there already; --force replaces it.");
        CommonOptions.CheckFile(output);
        using CheckpointFile file = CheckpointFile.Open(input);
        StoredTensor[] tensors = [.. file.State().Select(each => StoredTensor.Of(each.Key, file, each.Value))];
        if (tensors.Length == 0) return Terminal.Refuse($"{input}: there are no weights in the file.");

        Dictionary<string, object?> values =
            file.Values.Where(value => value.Key.StartsWith(Meta, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        if (Configuration(file, config) is { } known) values[Detector.ConfigKey] = known.ToJson();
        if (Path.GetExtension(output).Equals(".safetensors", StringComparison.OrdinalIgnoreCase)) {
            SafeTensorsWriter.Write(output, tensors,
                values.Where(value => value.Value is string).ToDictionary(value => value.Key, value => (string)value.Value!));
        } else {
            TorchWriter.Write(output, tensors, values);
        }
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{output}: {tensors.Length} tensors, {new FileInfo(output).Length} bytes"));
        return 0;
    }

    /// <summary>The configuration to write: the named one, or the file's own if it is one that we build; weights can be converted without
    /// one.</summary>
    private static DetectorConfig? Configuration(CheckpointFile file, string? name) {
        if (name is not null) return Presets.Find(name);
        try {
            return Detector.ConfigOf(file);
        } catch (ConfigException e) {
            Terminal.Note($"no configuration of ours is written: {e.Message}");
            return null;
        }
    }
}
