using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.Intrinsics;

namespace DenseEngine.Cli;

/// <summary><c>dense info</c>: which build this is, and on what it runs.</summary>
internal static class InfoCommand {
    /// <summary>The command.</summary>
    public static Command Create() {
        var command = new Command("info", "Shows the build and the machine.");
        command.SetAction(_ => Show());
        return command;
    }

    private static void Show() => Terminal.Table(["", ""], [
        ["DenseEngine", typeof(Tensor).Assembly.GetName().Version!.ToString(3)],
        ["kernels", Build("Ilgpu")],
        [".NET", Environment.Version.ToString()],
        ["threads", HostDevice.Default.Workers.Count.ToString(CultureInfo.InvariantCulture)],
        ["vector width", Width()],
    ]);

    /// <summary>A property of the build, written into the assembly by its project.</summary>
    private static string Build(string key) => typeof(InfoCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == key)?.Value ?? "unknown";

    private static string Width() =>
        Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits"
            : Vector128.IsHardwareAccelerated ? "128 bits" : "none";
}
