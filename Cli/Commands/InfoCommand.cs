using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.Intrinsics;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary><c>dense info</c>: which build this is, and on what it runs.</summary>
internal static class InfoCommand {
    /// <summary>The command.</summary>
    public static Command Create() {
        var file = new Argument<string?>("FILE") { Description = "A safetensors file to look into.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("info", "Shows the build, the machine and the configurations; or what is inside a file.") { file };
        command.SetAction(parsed => {
            if (parsed.GetValue(file) is { } path) ShowFile(path);
            else Show();
        });
        return command;
    }

    private static void ShowFile(string path) {
        using CheckpointFile file = CheckpointFile.Open(path);
        Terminal.Table(["tensor", "type", "shape"],
            file.Entries.Select(entry => (IReadOnlyList<string>)[entry.Name, entry.Type, $"[{string.Join(", ", entry.Shape)}]"]));
        Terminal.Table(["text", "value"], file.Values.Select(value =>
            (IReadOnlyList<string>)[value.Key, Convert.ToString(value.Value, CultureInfo.InvariantCulture) ?? "none"]));
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"{file.Entries.Count} tensors, {file.Entries.Sum(entry => entry.Count)} elements"));
    }

    private static void Show() => Terminal.Table(["what", "value"], [
        ["DenseEngine", typeof(Tensor).Assembly.GetName().Version!.ToString(3)],
        ["kernels", Build("Ilgpu")],
        [".NET", Environment.Version.ToString()],
        ["threads", HostDevice.Default.Workers.Count.ToString(CultureInfo.InvariantCulture)],
        ["vector width", Width()],
        ["configurations", string.Join('\n', Presets.Names)],
    ]);

    /// <summary>A property of the build, written into the assembly by its project.</summary>
    private static string Build(string key) => typeof(InfoCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == key)?.Value ?? "unknown";

    private static string Width() =>
        Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits"
            : Vector128.IsHardwareAccelerated ? "128 bits" : "none";
}
