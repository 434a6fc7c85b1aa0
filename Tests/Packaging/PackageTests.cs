using System.Diagnostics;
using System.Globalization;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What a user does who has the packages alone: a new console project outside the repository, which opens a checkpoint and
/// detects.</summary>
public sealed class PackageTests : IDisposable {
    private static readonly string[] Packed = [
        .. typeof(Tensor).Assembly.GetReferencedAssemblies().Any(assembly => assembly.Name == "Ilgpu.Checked") ? ["Ilgpu.Checked"]
            : Array.Empty<string>(),
        "Engine", "Ops", "Models", "Training"];

    private readonly string folder = Directory.CreateTempSubdirectory("dense-package-").FullName;

    [SdkFact]
    public void A_console_project_that_has_only_the_packages_detects() {
        string packages = Path.Combine(folder, "packages"), app = Path.Combine(folder, "app");
        // The built assemblies as they are: the folder that this test runs from tells how they were built.
        string configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;
        foreach (string project in Packed) {
            Dotnet(Fixtures.Repository, "pack", Path.Combine(Fixtures.Repository, project), "--no-build", "-c", configuration, "-o",
                packages,
                "--nologo", "-v", "q");
        }
        foreach (string project in Packed) Assert.Single(Directory.GetFiles(packages, $"DenseEngine.{project}.*.nupkg"));

        using DetectorFixture fixture = DetectorFixture.Load("gfl_r18");
        string checkpoint = Path.Combine(folder, "gfl.safetensors"), picture = Path.Combine(fixture.Folder, "image0.png");
        fixture.Detector.Save(checkpoint);
        Write(app, packages);
        Dotnet(app, "build", "-c", "Release", "-o", Path.Combine(folder, "out"), "--nologo", "-v", "q");
        string[] lines = Dotnet(app, "exec", Path.Combine(folder, "out", "app.dll"), checkpoint, picture)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Detections expected = fixture.Detector.Detect(picture);
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(found => string.Create(CultureInfo.InvariantCulture,
            $"{fixture.Detector.Config.Classes[found.Label]} {found.Score:R} {found.Box.X1:R} {found.Box.Y2:R}")), lines);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Write(string app, string packages) {
        Directory.CreateDirectory(app);
        // Nothing but the packages: no build settings or package sources from around.
        File.WriteAllText(Path.Combine(app, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(app, "Directory.Packages.props"), "<Project />");
        string others = Packed.Contains("Ilgpu.Checked") ? "<clear />" : "";   // else ILGPU comes from where this machine has packages
        File.WriteAllText(Path.Combine(app, "nuget.config"),
            $"<configuration><packageSources>{others}<add key=\"built\" value=\"{packages}\" /></packageSources></configuration>");
        File.WriteAllText(Path.Combine(app, "app.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DenseEngine.Training" Version="*" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(app, "Program.cs"), """
            using DenseEngine.Models;

            using var detector = Detector.Load(args[0]);
            foreach (Detection found in detector.Detect(args[1]))
                Console.WriteLine($"{detector.Config.Classes[found.Label]} {found.Score:R} {found.Box.X1:R} {found.Box.Y2:R}");
            """);
    }

    private string Dotnet(string from, params string[] arguments) {
        var start = new ProcessStartInfo("dotnet", arguments) {
            WorkingDirectory = from,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = {
                ["NUGET_PACKAGES"] = from == Fixtures.Repository ? Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                    : Path.Combine(folder, "cache"),
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            },
        };
        // The test host's own settings are not the new process's.
        foreach (string name in (string[])["MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath"]) start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {output}{errors.Result}");
        return output;
    }
}
