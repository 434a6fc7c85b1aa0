namespace DenseEngine.Models;

/// <summary>Whoever draws where a computation takes only some of many. It is always given, never global: the same draws give the same
/// result.</summary>
public abstract class RandomChoice {
    /// <summary>Draws some of a gallery's entries, each at most once.</summary>
    /// <param name="gallery">What to draw from.</param>
    /// <param name="count">How many; from 0 to the gallery's length.</param>
    /// <returns>Those drawn, in the order in which they were.</returns>
    public abstract int[] Choose(IReadOnlyList<int> gallery, int count);
}
