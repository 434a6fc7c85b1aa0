namespace ILGPU;

/// <summary>A kernel that cannot be compiled.</summary>
public sealed class InternalCompilerException : Exception {
    /// <summary>Without a message.</summary>
    public InternalCompilerException() { }

    /// <summary>With a message.</summary>
    public InternalCompilerException(string message) : base(message) { }

    /// <summary>With a message and a cause.</summary>
    public InternalCompilerException(string message, Exception innerException) : base(message, innerException) { }
}
