using System.Diagnostics;

namespace DenseEngine.Tests;

/// <summary>How a program of this build is started: by <c>dotnet</c>, or, in a bundle without it, by itself.</summary>
internal static class Started {
    /// <summary>Whether the tests run out of a bundle (eng/bundle.sh), where there is no SDK.</summary>
    public static bool FromBundle { get; } = Path.GetFileName(Environment.ProcessPath) == "DenseEngine.Tests";

    /// <summary>A process of a program's assembly, not started yet.</summary>
    public static ProcessStartInfo Program(Type inside, params IEnumerable<string> arguments) {
        string assembly = inside.Assembly.Location;
        if (FromBundle) return new ProcessStartInfo(Path.ChangeExtension(assembly, null), arguments);
        string dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        return new ProcessStartInfo(dotnet, [assembly, .. arguments]);
    }
}
