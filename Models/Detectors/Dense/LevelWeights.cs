namespace DenseEngine.Models;

/// <summary>Fixed factors of the levels' losses, linear from the finest level to the coarsest: the simple contrast to DDOD's factors that
/// follow the counts of positives (Chen et al., 2021, section 3.3).</summary>
/// <param name="Finest">The first level's factor.</param>
/// <param name="Coarsest">The last level's factor.</param>
public sealed record LevelWeights(float Finest, float Coarsest) {
    /// <summary>The factor of a level of so many; a single level has the finest's.</summary>
    public float At(int level, int levels) => levels < 2 ? Finest : Finest + (Coarsest - Finest) * level / (levels - 1);

    internal void Validate(string title) {
        if (!(Finest >= 0 && Coarsest >= 0 && float.IsFinite(Finest) && float.IsFinite(Coarsest)))
            throw new ConfigException(FormattableString.Invariant($"{title}: level weights {Finest} and {Coarsest} must be at least 0."));
    }
}
