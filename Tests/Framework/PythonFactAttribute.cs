using System.Diagnostics;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>A test that compares with an independent implementation in Python; skipped, with the reason shown, where it is not
/// installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute {
    public PythonFactAttribute(params string[] modules) {
        if (!Python.Has(modules)) Skip = $"{Python.Interpreter} with {string.Join(", ", modules)} is not installed here";
    }
}

/// <summary>The Python of the system, where PyTorch and OpenCV may be installed: an independent reader of files, never needed.</summary>
internal static class Python {
    /// <summary>The interpreter: what DENSE_PYTHON names, else the system's.</summary>
    public static string Interpreter { get; } = Environment.GetEnvironmentVariable("DENSE_PYTHON") ?? "/usr/bin/python3";

    /// <summary>Whether all of some modules can be imported.</summary>
    public static bool Has(params string[] modules) =>
        File.Exists(Interpreter) && Try(["-c",
            "import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in sys.argv[1:]))",
            .. modules]).Code == 0;

    /// <summary>What a script prints. Its failing fails the test.</summary>
    /// <param name="arguments">A script's path and its arguments, or <c>-c</c> and a program.</param>
    public static string Run(params string[] arguments) {
        (int code, string output, string errors) = Try(arguments);
        Assert.True(code == 0, $"{Interpreter} {arguments[0]} ended with {code}: {errors}");
        return output;
    }

    private static (int Code, string Output, string Errors) Try(string[] arguments) {
        using Process process = Process.Start(new ProcessStartInfo(Interpreter, arguments) {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
