namespace ILGPU.Runtime;

/// <summary>Something failed on a device.</summary>
public abstract class AcceleratorException : Exception {
    /// <summary>Without a message.</summary>
    protected AcceleratorException() { }

    /// <summary>With a message.</summary>
    protected AcceleratorException(string message) : base(message) { }

    /// <summary>With a message and a cause.</summary>
    protected AcceleratorException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>The kind of device.</summary>
    public abstract AcceleratorType AcceleratorType { get; }
}
