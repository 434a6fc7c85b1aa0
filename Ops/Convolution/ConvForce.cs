namespace DenseEngine.Ops;

/// <summary>What a test asks of the convolutions of devices, until disposed, on its thread.</summary>
internal sealed class ConvForce : IDisposable {
    [ThreadStatic]
    private static ConvForce? current;

    private readonly ConvForce? outer = current;
    private readonly ConvMethod method;
    private readonly int part;

    /// <summary>Asks.</summary>
    /// <param name="method">How they are computed, where that is possible.</param>
    /// <param name="part">Numbers of an intermediate result that are there at once; 0 for as many as otherwise.</param>
    public ConvForce(ConvMethod method = ConvMethod.Faster, int part = 0) {
        (this.method, this.part) = (method, part);
        current = this;
    }

    /// <summary>The method asked for on this thread.</summary>
    public static ConvMethod Method => current?.method ?? ConvMethod.Faster;

    /// <summary>The numbers asked for on this thread, or else those given.</summary>
    public static int Part(int most) => current is { part: > 0 } asked ? asked.part : most;

    /// <inheritdoc/>
    public void Dispose() => current = outer;
}
