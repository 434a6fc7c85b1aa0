using System.Diagnostics;
using System.Globalization;

namespace DenseEngine.Tests;

/// <summary>What the command did: its exit code and all that it said.</summary>
internal sealed record CommandRun(int Code, string Output, string Errors) {
    /// <summary>The lines on standard error.</summary>
    public string[] ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The <c>dense</c> command as a process of its own, as users run it.</summary>
internal sealed class DenseProcess : IDisposable {
    private readonly Process process;
    private readonly Task<string> output, errors;

    private DenseProcess(string[] arguments) {
        ProcessStartInfo start = Started.Program(typeof(Cli.DetectCommand), arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        process = Process.Start(start)!;
        (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs the command to its end.</summary>
    public static CommandRun Run(params string[] arguments) {
        using DenseProcess run = Start(arguments);
        return run.End();
    }

    public static DenseProcess Start(params string[] arguments) => new(arguments);

    public bool HasEnded => process.HasExited;

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt() {
        using Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public CommandRun End() {
        process.WaitForExit();
        return new CommandRun(process.ExitCode, output.Result, errors.Result);
    }

    public void Dispose() {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
