namespace DenseEngine.Ops;

/// <summary>What becomes of a loss' single values.</summary>
public enum Reduction {
    /// <summary>They stay.</summary>
    None,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
