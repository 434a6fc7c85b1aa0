using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>Options that several commands have, and the checks of their values.</summary>
internal static class CommonOptions {
    public static Option<string> Checkpoint() =>
        new("--checkpoint") { Description = "Weights: a PyTorch or safetensors file.", Required = true, HelpName = "FILE" };

    /// <summary>Opens a checkpoint as the preset of a name (with the file's own classes, where it names them), or as what it says of
    /// itself, on a device.</summary>
    public static Detector Load(string checkpoint, string? config, Device device) {
        DetectorConfig? preset = config is null ? null : Presets.Find(config);
        CheckpointFile file = CheckpointFile.Open(checkpoint);   // the detector closes it
        if (preset is not null && Detector.ClassesOf(file) is { } classes) preset = preset with { Classes = classes };
        Detector detector = Detector.Load(file, preset, leaveOpen: false);
        if (device != detector.Device) detector.To(device);
        return detector;
    }

    public static Option<string?> Config() =>
        new("--config") { Description = "The configuration's name, where the file holds none.", HelpName = "NAME" };

    public static Option<string> Device() =>
        new("--device") {
            Description = "Where to compute: host, or a device that `dense info` lists.",
            DefaultValueFactory = _ => HostDevice.Default.Name,
            HelpName = "D"
        };

    public static Option<string> Precision() =>
        Choice("--precision", "How exact a GPU's matrix products are: tf32 and bf16 round their factors.", "float32", "tf32", "bf16");

    /// <summary>Opens the device of a name, for products of a precision.</summary>
    /// <exception cref="DeviceException">There is none, and the message lists those that there are; or it lacks the precision.</exception>
    public static Device Open(string name, string precision) {
        Device device = Open(name);
        if (precision == "float32") return device;
        if (device is not GpuDevice gpu) throw new DeviceException(
            $"--precision {precision} takes a GPU (--device): {name} computes in single precision.");
        try {
            gpu.Precision = precision == "tf32" ? DenseEngine.Precision.TensorFloat32 : DenseEngine.Precision.BFloat16;
        } catch (DeviceException) {
            gpu.Dispose();
            throw;
        }
        Terminal.Note($"matrix products in {precision} on {name}");
        return device;
    }

    /// <summary>Opens the device of a name.</summary>
    /// <exception cref="DeviceException">There is none; the message lists those that there are.</exception>
    public static Device Open(string name) {
        if (name == HostDevice.Default.Name) return HostDevice.Default;
        string[] names = [HostDevice.Default.Name, .. GpuDevice.Names()];
        return names.Contains(name) ? GpuDevice.Open(name)
            : throw new DeviceException($"There is no device '{name}'; there are {string.Join(", ", names)}.");
    }

    /// <summary>An option with one of a few words; the first is the usual one.</summary>
    public static Option<string> Choice(string name, string description, params string[] words) => new(name) {
        Description = description,
        HelpName = string.Join('|', words),
        DefaultValueFactory = _ => words[0],
        CustomParser = result => {
            string word = Text(result);
            if (!words.Contains(word)) result.AddError($"{name} is '{word}'; it must be {string.Join(", ", words[..^1])} or {words[^1]}.");
            return word;
        },
    };

    /// <summary>An option with a number in a range.</summary>
    public static Option<T> Number<T>(string name, string description, T usual, T least, T most) where T : INumber<T> => new(name) {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(result, name, least, most),
    };

    /// <summary>An option with a number in a range that may be left out.</summary>
    public static Option<T?> Number<T>(string name, string description, T least, T most) where T : struct, INumber<T> => new(name) {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse(result, name, least, most),
    };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most) where T : INumber<T> {
        string text = Text(result);   // 0,5 is refused, not read as five
        if (!T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T? value) || !(value >= least && value <= most))
            result.AddError(string.Create(CultureInfo.InvariantCulture,
                $"{name} is '{text}'; it must be a {(typeof(T) == typeof(int) ? "whole " : "")}number from {least} to {most}."));
        return value ?? least;
    }

    private static string Text(ArgumentResult result) => result.Tokens is [var token] ? token.Value : "";

    /// <summary>Makes the folder of a file that is to be written, and refuses a path that cannot be one: before the work, not after
    /// it.</summary>
    public static void CheckFile(string path) {
        if (Directory.Exists(path) || path.Length == 0 || Path.EndsInDirectorySeparator(path))
            throw new IOException($"'{path}' is a folder; a file is needed.");
        Folder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes a folder for results.</summary>
    public static string Folder(string path) {
        if (File.Exists(path)) throw new IOException($"{path} is a file; a folder is needed.");
        return Directory.CreateDirectory(path).FullName;
    }
}
