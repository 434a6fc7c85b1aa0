using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Turns the element types of files into the two of tensors. What needs no conversion is read straight into its place.</summary>
internal static class ElementConversion {
    /// <summary>How many bytes are converted at a time.</summary>
    private const int Block = 1 << 15;

    /// <summary>The bytes of an element; 0 for a type that is not known.</summary>
    public static int SizeOf(string? type) => type switch {
        "BOOL" or "U8" or "I8" => 1,
        "I16" or "U16" or "F16" or "BF16" => 2,
        "I32" or "U32" or "F32" => 4,
        "I64" or "U64" or "F64" => 8,
        _ => 0,
    };

    public static bool IsFloating(string type) => type.Contains('F');

    /// <summary>Reads floating point as float32: smaller types exactly, float64 rounded to nearest even.</summary>
    public static void Read(ElementSource source, string type, Span<float> values) {
        switch (type) {
            case "F32": ReadAs(source, values); break;
            case "F16": Read<Half, float, FromHalf>(source, values); break;
            case "BF16": Read<ushort, float, FromBFloat16>(source, values); break;
            default: Read<double, float, FromDouble>(source, values); break;
        }
        source.Finish();
    }

    /// <summary>Reads whole numbers and truth values as int32.</summary>
    /// <exception cref="OverflowException">A value does not fit, or a truth value is neither 0 nor 1.</exception>
    public static void Read(ElementSource source, string type, Span<int> values) {
        switch (type) {
            case "I32": ReadAs(source, values); break;
            case "I64": Read<long, int, FromNumber<long>>(source, values); break;
            case "U64": Read<ulong, int, FromNumber<ulong>>(source, values); break;
            case "U32": Read<uint, int, FromNumber<uint>>(source, values); break;
            case "I16": Read<short, int, FromNumber<short>>(source, values); break;
            case "U16": Read<ushort, int, FromNumber<ushort>>(source, values); break;
            case "I8": Read<sbyte, int, FromNumber<sbyte>>(source, values); break;
            case "U8": Read<byte, int, FromNumber<byte>>(source, values); break;
            default: Read<byte, int, FromBoolean>(source, values); break;
        }
        source.Finish();
    }

    /// <summary>Reads what is stored as it is needed, no more at a time than a span of bytes can count.</summary>
    private static void ReadAs<T>(ElementSource source, Span<T> values) where T : unmanaged {
        const int Most = 1 << 28;
        for (; values.Length > 0; values = values[Math.Min(Most, values.Length)..])
            source.Read(MemoryMarshal.AsBytes(values[..Math.Min(Most, values.Length)]));
    }

    private static void Read<TFrom, TTo, TConversion>(ElementSource source, Span<TTo> values)
        where TFrom : unmanaged where TConversion : struct, IConversion<TFrom, TTo> {
        Span<TFrom> block = MemoryMarshal.Cast<byte, TFrom>(stackalloc byte[Block]);
        while (values.Length > 0) {
            Span<TFrom> some = block[..Math.Min(block.Length, values.Length)];
            source.Read(MemoryMarshal.AsBytes(some));
            for (int i = 0; i < some.Length; i++) values[i] = TConversion.From(some[i]);
            values = values[some.Length..];
        }
    }

    private interface IConversion<TFrom, TTo> {
        static abstract TTo From(TFrom value);
    }

    private readonly struct FromHalf : IConversion<Half, float> {
        public static float From(Half value) => (float)value;
    }

    private readonly struct FromBFloat16 : IConversion<ushort, float> {
        public static float From(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);
    }

    private readonly struct FromDouble : IConversion<double, float> {
        public static float From(double value) => (float)value;
    }

    private readonly struct FromNumber<T> : IConversion<T, int> where T : System.Numerics.INumber<T> {
        public static int From(T value) => int.CreateChecked(value);
    }

    private readonly struct FromBoolean : IConversion<byte, int> {
        public static int From(byte value) => value <= 1 ? value : throw new OverflowException();
    }
}
