namespace ILGPU.Checking;

/// <summary>Whose value a thread takes in an exchange.</summary>
internal enum ExchangeKind {
    /// <summary>A lane of the warp by its index.</summary>
    Lane,

    /// <summary>A later lane.</summary>
    Down,

    /// <summary>An earlier lane.</summary>
    Up,

    /// <summary>The lane that differs in some bits.</summary>
    Xor,

    /// <summary>A thread of the group by its index.</summary>
    Thread,
}
