using System.Buffers.Binary;
using System.Globalization;

namespace DenseEngine;

/// <summary>The little of numpy that stands in checkpoints: a float64 is a number of Python's and is read; other numbers and arrays are
/// checked and left inert.</summary>
internal static class NumpyTypes {
    /// <summary>The latest version of a type's state.</summary>
    private const long LatestState = 4;

    /// <summary>What a function of numpy's gives; null if it is not one of these.</summary>
    public static object? Call(PickleName callee, ReadOnlySpan<object?> items, PickleSource source) => (callee.Module, callee.Name) switch {
        ("numpy", "dtype") => items is [string code, ..] && ElementType.IsKnown(code) ? new ElementType(code)
            : throw source.Broken("a type of numpy is not known"),
        ("numpy.core.multiarray" or "numpy._core.multiarray", "scalar") => items is [ElementType type, PickleBytes bytes]
            ? Scalar(callee, type, bytes, source) : throw source.Broken("a number of numpy is not made of a type and bytes"),
        ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") =>
            items is [PickleName { Module: "numpy", Name: "ndarray" or "matrix" or "memmap" or "recarray" } type, _, _]
                ? type.Name == "ndarray" ? new Values() : null
                : throw source.Broken("an array of numpy is not of a class of numpy's"),
        _ => null,
    };

    /// <summary>Gives a type or an array its state; false for anything else.</summary>
    public static bool Build(object? target, object? state, PickleSource source) {
        switch (target) {
            case ElementType type:
                if (state is not PickleList fields || fields.Items is not [>= 0L and <= LatestState, "<" or ">" or "=" or "|", ..])
                    throw source.Broken("a type of numpy has no state that is known");
                type.IsLittle = fields.Items[1] is not ">";
                return true;
            case Values:
                if (state is not PickleList parts
                    || parts.Items is not [_, PickleList shape, ElementType of, bool, PickleBytes or PickleList]
                    || shape.Numbers() is not { } sizes)
                    throw source.Broken("an array of numpy has no state that is known");
                if (parts.Items[4] is PickleBytes content && of.Size is { } size && !Fills(content.Length, sizes, size))
                    throw source.Broken($"an array of numpy of shape [{string.Join(", ", sizes)}] has {content.Length} bytes");
                return true;
            default: return false;
        }
    }

    private static object Scalar(PickleName callee, ElementType type, PickleBytes bytes, PickleSource source) {
        if (type.Size is { } size && size != bytes.Length)
            throw source.Broken($"a number of numpy has {bytes.Length} bytes instead of {size}");
        return type is { Code: "f8", IsLittle: true } ? BinaryPrimitives.ReadDoubleLittleEndian(bytes.Content) : new PickleObject(callee);
    }

    private static bool Fills(long bytes, long[] sizes, int size) {
        foreach (long each in sizes) {
            if (each < 0 || each > 0 && bytes % each != 0) return false;
            if (each == 0) return bytes == 0;
            bytes /= each;
        }
        return bytes == size;
    }

    /// <summary>A type: its code, such as f8, and whether its numbers begin with the lowest byte.</summary>
    private sealed class ElementType(string code) {
        public string Code { get; } = code;

        public bool IsLittle { get; set; }

        /// <summary>Whether it is a kind and a number: numbers, objects, texts, bytes or times.</summary>
        public static bool IsKnown(string code) => code.Length > 1 && "biufcOSUVMm".Contains(code[0], StringComparison.Ordinal)
            && int.TryParse(code.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out _);

        /// <summary>The bytes of a number; null for types of other kinds.</summary>
        public int? Size => Code is ['b' or 'i' or 'u' or 'f' or 'c', .. var digits]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : null;
    }

    /// <summary>An array, whose contents are not kept.</summary>
    private sealed class Values;
}
