using System.CommandLine;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>Options that several commands have, and the checks of their values.</summary>
internal static class CommonOptions {
    public static Option<string> Checkpoint() =>
        new("--checkpoint") { Description = "Weights: a safetensors file.", Required = true, HelpName = "FILE" };

    /// <summary>Opens a checkpoint as the preset of a name, or as what it says of itself.</summary>
    public static Detector Load(string checkpoint, string? config) => Detector.Load(checkpoint, config is null ? null : Presets.Find(config));

    public static Option<string?> Config() =>
        new("--config") { Description = "The configuration's name, where the file holds none.", HelpName = "NAME" };

    public static Option<string> Device() =>
        new("--device") { Description = "Where to compute.", DefaultValueFactory = _ => "host", HelpName = "D" };

    /// <summary>An option with a number in a range.</summary>
    public static Option<T> Number<T>(string name, string description, T usual, T least, T most) where T : IComparable<T>, IFormattable {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result => {
            if (result.Errors.Any()) return;
            T value = result.GetValueOrDefault<T>()!;
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                result.AddError(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{name} is {value}; it must be from {least} to {most}."));
        });
        return option;
    }

    /// <summary>Refuses devices that this build does not run detectors on.</summary>
    public static void CheckDevice(string name) {
        if (name != "host") throw new DeviceException($"There is no device '{name}'; this version trains and detects on 'host' only.");
    }

    /// <summary>Makes a folder for results.</summary>
    public static string Folder(string path) {
        if (File.Exists(path)) throw new IOException($"{path} is a file; a folder is needed.");
        return Directory.CreateDirectory(path).FullName;
    }
}
