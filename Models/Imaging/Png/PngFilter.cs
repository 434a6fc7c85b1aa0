using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseEngine.Models;

/// <summary>
/// PNG's row filters undone (ISO/IEC 15948, 9.2): each byte x was stored less a prediction from a (the byte one pixel to the left),
/// b (above) and c (above to the left). Pixels of three and four bytes go as one word each, since each waits for the one before it.
/// </summary>
internal static class PngFilter {
    /// <summary>Bytes that rows must have after their end: pixels of three bytes are read and written as four.</summary>
    public const int Slack = 4;

    /// <summary>Undoes a row's filter.</summary>
    /// <param name="type">The row's filter byte, 0 to 4.</param>
    /// <param name="raw">The filtered bytes, and <see cref="Slack"/>.</param>
    /// <param name="row">Receives the row, and has <see cref="Slack"/>.</param>
    /// <param name="above">The row above, zeros for the first one.</param>
    /// <param name="bytes">Bytes of a row.</param>
    /// <param name="step">Bytes of a pixel.</param>
    /// <exception cref="ImageException">A filter type above 4.</exception>
    public static void Undo(byte type, ReadOnlySpan<byte> raw, Span<byte> row, ReadOnlySpan<byte> above, int bytes, int step) {
        bool words = step is 3 or 4;
        switch (type) {
            case 0: raw[..bytes].CopyTo(row); break;
            case 1 when words: SubWords(raw, row, bytes, step); break;
            case 2: Up(raw, row, above, bytes); break;
            case 3 when words: AverageWords(raw, row, above, bytes, step); break;
            case 4 when words: PaethWords(raw, row, above, bytes, step); break;
            case 1 or 3 or 4: Bytewise(type, raw, row, above, bytes, step); break;
            default: throw new ImageException($"A PNG row states filter {type}; there are 0 to 4.");
        }
    }

    /// <summary>Whichever of a, b and c is nearest to a + b - c; a before b before c where they tie.</summary>
    public static int Paeth(int a, int b, int c) {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private static void Bytewise(byte type, ReadOnlySpan<byte> raw, Span<byte> row, ReadOnlySpan<byte> above, int bytes, int step) {
        for (int i = 0; i < bytes; i++) {
            int a = i < step ? 0 : row[i - step], b = above[i], c = i < step ? 0 : above[i - step];
            row[i] = (byte)(raw[i] + type switch { 1 => a, 3 => (a + b) >> 1, _ => Paeth(a, b, c) });
        }
    }

    private static void Up(ReadOnlySpan<byte> raw, Span<byte> row, ReadOnlySpan<byte> above, int bytes) {
        int i = 0;
        ref byte x = ref MemoryMarshal.GetReference(raw), b = ref MemoryMarshal.GetReference(above);
        ref byte y = ref MemoryMarshal.GetReference(row);
        for (; i <= bytes - Vector<byte>.Count; i += Vector<byte>.Count)
            (Vector.LoadUnsafe(ref x, (nuint)i) + Vector.LoadUnsafe(ref b, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        for (; i < bytes; i++) row[i] = (byte)(raw[i] + above[i]);
    }

    private static void SubWords(ReadOnlySpan<byte> raw, Span<byte> row, int bytes, int step) {
        uint left = 0;
        for (int i = 0; i < bytes; i += step) {
            left = AddBytes(left, Word(raw, i));
            BinaryPrimitives.WriteUInt32LittleEndian(row[i..], left);
        }
    }

    private static void AverageWords(ReadOnlySpan<byte> raw, Span<byte> row, ReadOnlySpan<byte> above, int bytes, int step) {
        uint left = 0;
        for (int i = 0; i < bytes; i += step) {
            uint up = Word(above, i), mean = (left & up) + (((left ^ up) & 0xFEFEFEFE) >> 1);
            left = AddBytes(mean, Word(raw, i));
            BinaryPrimitives.WriteUInt32LittleEndian(row[i..], left);
        }
    }

    private static void PaethWords(ReadOnlySpan<byte> raw, Span<byte> row, ReadOnlySpan<byte> above, int bytes, int step) {
        Vector128<short> a = default, c = default;
        for (int i = 0; i < bytes; i += step) {
            Vector128<short> b = Widen(Word(above, i));
            Vector128<short> beside = b - c, below = a - c;
            Vector128<short> toA = Vector128.Abs(beside), toB = Vector128.Abs(below), toC = Vector128.Abs(beside + below);
            Vector128<short> nearest = Vector128.Min(toA, Vector128.Min(toB, toC));
            Vector128<short> guess = Vector128.ConditionalSelect(Vector128.Equals(nearest, toA), a,
                Vector128.ConditionalSelect(Vector128.Equals(nearest, toB), b, c));
            a = (guess + Widen(Word(raw, i))) & Vector128.Create((short)0xFF);
            BinaryPrimitives.WriteUInt32LittleEndian(row[i..], Vector128.Narrow(a.AsUInt16(), a.AsUInt16()).AsUInt32().ToScalar());
            c = b;
        }
    }

    private static Vector128<short> Widen(uint word) => Vector128.WidenLower(Vector128.CreateScalar(word).AsByte()).AsInt16();

    private static uint Word(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt32LittleEndian(from[at..]);

    // Four sums of bytes in one word: the upper bits apart, so that nothing carries over.
    private static uint AddBytes(uint a, uint b) => ((a & 0x7F7F7F7F) + (b & 0x7F7F7F7F)) ^ ((a ^ b) & 0x80808080);
}
