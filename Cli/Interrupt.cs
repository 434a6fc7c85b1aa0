using System.Runtime.InteropServices;

namespace DenseEngine.Cli;

/// <summary>Ctrl-C (or a polite kill) once asks the work to stop and leave its checkpoint; twice ends the process at once.</summary>
internal sealed class Interrupt : IDisposable {
    /// <summary>What shells give a process that an interrupt ended: 128 + SIGINT.</summary>
    public const int ExitCode = 130;

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Takes the signals over.</summary>
    public Interrupt() => registrations = [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <inheritdoc/>
    public void Dispose() {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context) {
        context.Cancel = true;
        if (source.IsCancellationRequested) Environment.Exit(ExitCode);
        Terminal.Note("stopping; once more to stop at once");
        source.Cancel();
    }
}
