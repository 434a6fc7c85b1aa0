using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DenseEngine;

/// <summary>The one place where operations refuse their arguments.
/// Messages name the operation, what was given and what is needed.</summary>
public static class Check {
    /// <summary>Throws a <see cref="ShapeException"/> unless the condition holds; the message is only built when it does not.</summary>
    public static void That([DoesNotReturnIf(false)] bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Message message) {
        if (!holds) throw new ShapeException(message.ToString());
    }

    /// <summary>Demands that a tensor has the given rank, and gives it back.</summary>
    public static Tensor Rank(string op, string name, Tensor tensor, int rank) {
        That(tensor.Shape.Rank == rank, $"{op}: {name} needs rank {rank} but has shape {tensor.Shape}.");
        return tensor;
    }

    /// <summary>Demands the element type, and gives the tensor back.</summary>
    public static Tensor Type(string op, string name, Tensor tensor, DType type) {
        That(tensor.DType == type, $"{op}: {name} needs elements of type {type} but has {tensor.DType} (shape {tensor.Shape}).");
        return tensor;
    }

    /// <summary>Demands a shape exactly.</summary>
    public static void Shape(string op, string name, Tensor tensor, Shape needed) =>
        That(tensor.Shape == needed, $"{op}: {name} needs shape {needed} but has {tensor.Shape}.");

    /// <summary>Demands that all tensors live on one device, and gives that device back; absent (null) ones are left out.</summary>
    /// <exception cref="DeviceException">Two devices; both are named.</exception>
    public static Device SameDevice(string op, params ReadOnlySpan<Tensor?> tensors) {
        Device? device = null;
        foreach (Tensor? tensor in tensors) {
            if (tensor is null) continue;
            device ??= tensor.Device;
            if (tensor.Device != device)
                throw new DeviceException(
                    $"{op}: inputs are on two devices, {device.Name} and {tensor.Device.Name}; move one with To(device).");
        }
        return device ?? throw new ArgumentException("no tensor given", nameof(tensors));
    }

    /// <summary>A message that is only formatted when its condition failed.</summary>
    [InterpolatedStringHandler]
    public ref struct Message {
        private DefaultInterpolatedStringHandler text;
        private readonly bool needed;

        /// <summary>Called by the compiler.</summary>
        public Message(int literalLength, int formattedCount, bool holds, out bool format) {
            needed = format = !holds;
            if (needed) text =
                new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture);
        }

        /// <summary>Called by the compiler.</summary>
        public void AppendLiteral(string value) => text.AppendLiteral(value);

        /// <summary>Called by the compiler.</summary>
        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

        /// <summary>Called by the compiler.</summary>
        public void AppendFormatted<T>(T value, string format) => text.AppendFormatted(value, format);

        /// <inheritdoc/>
        public override string ToString() => needed ? text.ToStringAndClear() : "";
    }
}
