namespace ILGPU;

/// <summary>Something that only works in a kernel was called on the host.</summary>
public sealed class InvalidKernelOperationException : InvalidOperationException {
    /// <summary>With the usual message.</summary>
    public InvalidKernelOperationException() : base("This works in kernels only.") { }

    /// <summary>With a message.</summary>
    public InvalidKernelOperationException(string message) : base(message) { }

    /// <summary>With a message and a cause.</summary>
    public InvalidKernelOperationException(string message, Exception innerException) : base(message, innerException) { }
}
