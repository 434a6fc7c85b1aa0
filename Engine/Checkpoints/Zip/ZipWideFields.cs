using static System.Buffers.Binary.BinaryPrimitives;

namespace DenseEngine;

/// <summary>The 64-bit values of a record's extra field, one for each 32-bit value that is marked as too small, in order.</summary>
internal ref struct ZipWideFields {
    private const ushort Kind = 1;
    private ReadOnlySpan<byte> values;

    public ZipWideFields(ReadOnlySpan<byte> extra) {
        while (extra.Length >= 4) {
            int length = ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4) break;
            if (ReadUInt16LittleEndian(extra) == Kind) {
                values = extra.Slice(4, length);
                break;
            }
            extra = extra[(4 + length)..];
        }
    }

    /// <summary>Replaces a value that is marked; false if there is none to replace it, or a negative one.</summary>
    public bool Widen(ref long value, long mark) {
        if (value != mark) return true;
        if (values.Length < 8) return false;
        value = ReadInt64LittleEndian(values);
        values = values[8..];
        return value >= 0;
    }
}
