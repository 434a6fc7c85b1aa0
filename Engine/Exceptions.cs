namespace DenseEngine;

/// <summary>Anything that DenseEngine refuses with a message meant for its user.
/// The command turns it into one line and exit code 2.</summary>
public abstract class DenseEngineException(string message, Exception? inner = null) : Exception(OneLine(message), inner) {
    /// <summary>Messages quote names out of strangers' files, which may hold anything: what would break the line, or steer a terminal, is
    /// replaced.</summary>
    private static string OneLine(string message) => message.Any(IsUnsafe)
        ? string.Concat(message.Select(character => IsUnsafe(character) ? '\uFFFD' : character)) : message;

    private static bool IsUnsafe(char character) => char.IsControl(character) || character is '\u2028' or '\u2029';
}

/// <summary>Shapes, types or values of tensors that an operation does not take.</summary>
public sealed class ShapeException(string message) : DenseEngineException(message);

/// <summary>A tensor used after its scope, a graph walked twice, or a saved tensor changed in place.</summary>
public sealed class GraphException(string message) : DenseEngineException(message);

/// <summary>Tensors of two devices in one operation, or a device that does not exist.</summary>
public class DeviceException(string message, Exception? inner = null) : DenseEngineException(message, inner);

/// <summary>A device's memory, or its limit, is exhausted.</summary>
public sealed class OutOfDeviceMemoryException(string message, Exception? inner = null) : DeviceException(message, inner);

/// <summary>A checkpoint file that is broken, hostile, or of another network.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : DenseEngineException(message, inner);

/// <summary>A configuration that is unknown, malformed or not supported.</summary>
public sealed class ConfigException(string message, Exception? inner = null) : DenseEngineException(message, inner);

/// <summary>Annotations or results that are broken.</summary>
public sealed class DatasetException(string message, Exception? inner = null) : DenseEngineException(message, inner);

/// <summary>A picture that cannot be read or written.</summary>
public sealed class ImageException(string message, Exception? inner = null) : DenseEngineException(message, inner);

/// <summary>Training that cannot go on: a loss that is not finite, say.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : DenseEngineException(message, inner);
