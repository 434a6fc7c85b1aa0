namespace DenseEngine;

/// <summary>While one is open on a thread, operations there end with an <see cref="OperationCanceledException"/> as soon as its token is
/// cancelled: at the start of the next operation, so that none is left half done. Scopes nest; the innermost token counts.</summary>
/// <example><code>using var cancel = new CancelScope(token);
/// using var scope = new TensorScope();   // frees what was made until then
/// ...</code></example>
public sealed class CancelScope : IDisposable {
    [ThreadStatic]
    private static CancellationToken current;

    [ThreadStatic]
    private static Action? watcher;

    private readonly CancellationToken outer;
    private bool closed;

    /// <summary>Lets a token end this thread's operations.</summary>
    public CancelScope(CancellationToken token) {
        outer = current;
        current = token;
    }

    /// <summary>Throws if this thread's operations were cancelled.</summary>
    /// <exception cref="OperationCanceledException">They were.</exception>
    public static void ThrowIfCancelled() {
        watcher?.Invoke();
        current.ThrowIfCancellationRequested();
    }

    /// <summary>Gives the token around its place back.</summary>
    public void Dispose() {
        if (closed) return;
        closed = true;
        current = outer;
    }

    /// <summary>For tests: calls back at each place where this thread may end, until disposed.</summary>
    internal static IDisposable Watch(Action onPlace) {
        watcher = onPlace;
        return new Watching();
    }

    private sealed class Watching : IDisposable {
        public void Dispose() => watcher = null;
    }
}
