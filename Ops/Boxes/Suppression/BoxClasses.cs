namespace DenseEngine.Ops;

/// <summary>The classes that boxes belong to, and what follows for suppression.</summary>
/// <param name="Of">Int32 [N]; null if they are all of one.</param>
/// <param name="Move">Whether the boxes of each class are moved away from the others.</param>
/// <param name="SplitFrom">From so many boxes on only those of a class suppress one another.</param>
/// <param name="Gaps">Whether boxes with a negative class are not there.</param>
internal sealed record BoxClasses(Tensor? Of = null, bool Move = false, int SplitFrom = int.MaxValue, bool Gaps = false) {
    /// <summary>Whether so many boxes at most may be enough to split.</summary>
    public bool MaySplit(int most) => Of is not null && most >= SplitFrom;
}
