namespace DenseEngine.Benchmarks;

/// <summary>A row of a table: something to run again and again, and the work in it.</summary>
/// <param name="name">What it is, and on which sizes.</param>
/// <param name="prepare">Makes the inputs and gives what is measured; may state the work, if it is known only then.</param>
public sealed class Workload(string name, Func<Workload, Action> prepare) {
    private double? needed;

    /// <summary>Arithmetic operations, a multiply-add being two; zero where nobody counts them.</summary>
    public double Operations { get; init; }

    /// <summary>Those that the best known way needs, if fewer: a convolution's by Winograd's transforms.</summary>
    public double NeededOperations { get => needed ?? Operations; init => needed = value; }

    /// <summary>Bytes that must be read and written, each once.</summary>
    public double Bytes { get; set; }

    /// <summary>Makes the inputs.</summary>
    public Action Prepare() => prepare(this);

    /// <inheritdoc/>
    public override string ToString() => name;

    /// <summary>What it would take where only arithmetic or only memory cost time, whichever is more.</summary>
    internal double LeastSeconds(Ceilings machine) =>
        Math.Max(NeededOperations / machine.Operations, Bytes > 0 ? Bytes / machine.Bandwidth(Bytes) : 0);
}
