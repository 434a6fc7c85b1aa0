using System.Diagnostics;

namespace DenseEngine.Benchmarks;

/// <summary>One side's process. A fault or too long a wait ends it; the next question starts another.</summary>
internal sealed class WorkerProcess(string name, TimeSpan patience, string program, params string[] arguments) : IDisposable {
    private Process? process;
    private string last = "";

    /// <summary>What the process says of itself.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Asks, and gives the words of the answer behind <c>ok</c>.</summary>
    /// <exception cref="InvalidOperationException">The process says that it failed, ended, or took too long.</exception>
    public string[] Ask(params string[] words) {
        if (process is null) Start();
        process!.StandardInput.WriteLine(string.Join('\t', words));
        process.StandardInput.Flush();
        return Answer();
    }

    /// <summary>Starts the process and reads what it says of itself.</summary>
    /// <exception cref="InvalidOperationException">It cannot be started, or does not get ready.</exception>
    public void Start() {
        last = "";
        try {
            process = Process.Start(new ProcessStartInfo(program, arguments) {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        } catch (System.ComponentModel.Win32Exception e) {
            throw new InvalidOperationException($"{name}: {e.Message}");
        }
        process.ErrorDataReceived += (_, line) => last = string.IsNullOrWhiteSpace(line.Data) ? last : line.Data;
        process.BeginErrorReadLine();
        Version = Answer()[0];
    }

    /// <summary>Ends the process.</summary>
    public void Dispose() {
        if (process is null) return;
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
        process = null;
    }

    private string[] Answer() {
        Task<string?> line = process!.StandardOutput.ReadLineAsync();
        string? text = null;
        bool late = false;
        try {
            late = !line.Wait(patience);
            text = late ? null : line.Result;
        } catch (AggregateException) { }
        if (text?.Split('\t') is ["ok" or "ready", .. string[] words]) return words;
        string why = late ? $"no answer after {patience.TotalSeconds:0} s" : text?.Split('\t') is ["error", string said] ? said
            : $"the process ended; {last}";
        Dispose();
        throw new InvalidOperationException($"{name}: {why}");
    }
}
