namespace DenseEngine;

/// <summary>While one is open on a thread, the large blocks of the host that it takes are such as will be held for long: they lie apart
/// from those of a pass, close together, and go back to the system when they are freed.</summary>
internal readonly ref struct LastingMemory {
    [ThreadStatic]
    private static int depth;

    private readonly int outer;

    public LastingMemory() => outer = depth++;

    /// <summary>Whether one is open on this thread.</summary>
    public static bool IsAsked => depth > 0;

    public void Dispose() => depth = outer;
}
