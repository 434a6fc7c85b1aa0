using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.Intrinsics;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary><c>dense info</c>: which build this is, and on what it runs; or what is inside a file.</summary>
internal static class InfoCommand {
    /// <summary>Bytes that tell any picture format.</summary>
    private const int Enough = 16;

    /// <summary>The command.</summary>
    public static Command Create() {
        var file = new Argument<string?>("FILE") {
            Description = "A checkpoint or a picture to look into.",
            Arity = ArgumentArity.ZeroOrOne
        };
        var all = new Option<bool>("--all") { Description = "Lists every tensor and value in whole." };
        var command = new Command("info", "Shows the build, the machine and the configurations; or what is inside a file.") { file, all };
        command.SetAction(parsed => {
            if (parsed.GetValue(file) is not { } path) ShowBuild();
            else if (PictureFormat(path) is { } format) ShowPicture(path, format);
            else CheckpointInfo.Show(path, parsed.GetValue(all));
        });
        return command;
    }

    /// <summary>The format of a picture; null for anything else. What can be a checkpoint is none: a header's length may read
    /// <c>BM</c>, too.</summary>
    private static string? PictureFormat(string path) {
        if (!File.Exists(path)) return null;   // reading it as a checkpoint says why
        using FileStream file = File.OpenRead(path);
        byte[] head = new byte[Enough];
        int read = file.ReadAtLeast(head, Enough, throwOnEndOfStream: false);
        return head[8] == (byte)'{' ? null : Picture.FormatOf(head.AsSpan(0, read));
    }

    private static void ShowPicture(string path, string format) {
        Picture picture = Picture.Load(path);
        Terminal.Table(["what", "value"], [
            ["file", path],
            ["format", string.Create(CultureInfo.InvariantCulture, $"{format}, {new FileInfo(path).Length} bytes")],
            ["size", string.Create(CultureInfo.InvariantCulture, $"{picture.Width} x {picture.Height} pixels, as oriented")],
        ]);
    }

    private static void ShowBuild() => Terminal.Table(["what", "value"], [
        ["DenseEngine", typeof(Tensor).Assembly.GetName().Version!.ToString(3)],
        ["kernels", Kernels],
        ["pictures", Picture.Formats],
        [".NET", Environment.Version.ToString()],
        ["threads", HostDevice.Default.Workers.Count.ToString(CultureInfo.InvariantCulture)],
        ["vector width", Width()],
        ["devices", string.Join('\n', [HostDevice.Default.Name, .. GpuDevice.Describe().Select(device => device.ToString())])],
        ["configurations", string.Join('\n', Presets.Names)],
    ]);

    /// <summary>What runs kernels in this build.</summary>
    public static string Kernels => Build("Ilgpu");

    /// <summary>A property of the build, written into the assembly by its project.</summary>
    private static string Build(string key) => typeof(InfoCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == key)?.Value ?? "unknown";

    private static string Width() =>
        Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits"
            : Vector128.IsHardwareAccelerated ? "128 bits" : "none";
}
