namespace DenseEngine.Models;

/// <summary>While one is open on a thread, the parameters made there may have no more elements than it allows: a configuration from a
/// stranger's file cannot allocate more than the file has weights for.</summary>
internal sealed class ParameterBudget : IDisposable {
    [ThreadStatic]
    private static ParameterBudget? current;

    private readonly ParameterBudget? outer;
    private readonly long allowed;
    private long left;

    public ParameterBudget(long elements) {
        (allowed, left, outer) = (elements, elements, current);
        current = this;
    }

    /// <summary>Takes the elements of a parameter that is about to be allocated from the budget around, if there is one.</summary>
    /// <exception cref="CheckpointException">They are more than is left.</exception>
    public static void Take(Shape shape) {
        if (current is { } budget && (budget.left -= shape.Count) < 0)
            throw new CheckpointException(
                $"the configuration describes a network of more than {budget.allowed} weights, far more than the file has.");
    }

    public void Dispose() => current = outer;
}
