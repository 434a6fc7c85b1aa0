namespace ILGPU;

/// <summary>The level of optimisation.</summary>
public enum OptimizationLevel {
    /// <summary>None.</summary>
    O0 = 0,

    /// <summary>The usual one.</summary>
    O1,

    /// <summary>More.</summary>
    O2,

    /// <summary>None.</summary>
    Debug = O0,

    /// <summary>The usual one.</summary>
    Release = O1,
}

/// <summary>The exactness of mathematics.</summary>
public enum MathMode {
    /// <summary>As IEEE 754 says.</summary>
    Default = 0,

    /// <summary>Faster, less exact.</summary>
    Fast,

    /// <summary>Doubles are narrowed to floats.</summary>
    Fast32BitOnly,
}
