namespace DenseEngine;

/// <summary>While one is open on a thread, operations there record nothing and save nothing.</summary>
/// <example><code>using var noGrad = new NoGrad();</code></example>
public sealed class NoGrad : IDisposable {
    [ThreadStatic]
    private static int depth;

    private bool closed;

    /// <summary>Stops recording on this thread.</summary>
    public NoGrad() => depth++;

    /// <summary>Whether this thread records now.</summary>
    public static bool IsRecording => depth == 0;

    /// <summary>Lets recording go on.</summary>
    public void Dispose() {
        if (closed) return;
        closed = true;
        depth--;
    }
}
