using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Turns the element types of files into the two of tensors.</summary>
internal static class ElementConversion {
    /// <summary>Floating point as float32: smaller types exactly, float64 rounded to nearest even; null for another type.</summary>
    public static float[]? ToSingle(string type, byte[] bytes) => type switch {
        "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        "F16" => Convert<Half, float>(bytes, value => (float)value),
        "BF16" => Convert<ushort, float>(bytes, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
        "F64" => Convert<double, float>(bytes, value => (float)value),
        _ => null,
    };

    /// <summary>Whole numbers and truth values as int32; null for another type.</summary>
    /// <exception cref="OverflowException">A value does not fit.</exception>
    public static int[]? ToInt32(string type, byte[] bytes) => type switch {
        "I32" => MemoryMarshal.Cast<byte, int>(bytes).ToArray(),
        "I64" => Convert<long, int>(bytes, value => checked((int)value)),
        "U64" => Convert<ulong, int>(bytes, value => checked((int)value)),
        "U32" => Convert<uint, int>(bytes, value => checked((int)value)),
        "I16" => Convert<short, int>(bytes, value => value),
        "U16" => Convert<ushort, int>(bytes, value => value),
        "I8" => Convert<sbyte, int>(bytes, value => value),
        "U8" or "BOOL" => Convert<byte, int>(bytes, value => value),
        _ => null,
    };

    private static TTo[] Convert<TFrom, TTo>(byte[] bytes, Func<TFrom, TTo> convert) where TFrom : unmanaged =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, TFrom>(bytes).ToArray(), value => convert(value));
}
