using System.Buffers.Binary;

namespace DenseEngine.Tests;

/// <summary>Damages files in the ways in which readers have been caught: bits, interesting numbers of every width and order, lengths cut or
/// stretched, pieces moved, doubled, or taken from another file. The same generator makes the same damage.</summary>
internal sealed class Mutator(Random random) {
    private static readonly ulong[] Interesting =
        [0, 1, 2, 3, 7, 8, 16, 32, 64, 100, 127, 128, 255, 256, 1000, 4096, 32767, 32768, 65535, 65536,
        0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, ulong.MaxValue];

    /// <summary>Texts as bytes.</summary>
    public static byte[][] Texts(params string[] texts) => [.. texts.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>Where choices come from.</summary>
    public Random Random => random;

    /// <summary>A damaged copy.</summary>
    /// <param name="seed">A sound file.</param>
    /// <param name="other">Another one, to take pieces from.</param>
    /// <param name="words">Words of the format that may be put in; none for binary formats.</param>
    public byte[] Mutate(byte[] seed, byte[] other, IReadOnlyList<byte[]> words) {
        byte[] file = [.. seed];
        int changes = 1;
        while (changes < 8 && random.Next(2) == 0) changes++;
        for (int i = 0; i < changes; i++) file = Change(file, other, words);
        return file;
    }

    private byte[] Change(byte[] file, byte[] other, IReadOnlyList<byte[]> words) {
        if (file.Length == 0) return [(byte)random.Next(256)];
        int at = Place(file.Length);
        switch (random.Next(words.Count > 0 ? 16 : 13)) {
            case 0 or 1:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 2:
                file[at] = (byte)random.Next(256);
                return file;
            case 3:
                file[at] = (byte)Interesting[random.Next(13)];
                return file;
            case 4 or 5:
                PutNumber(file.AsSpan(at));
                return file;
            case 6:
                file[at] = (byte)(file[at] + random.Next(-4, 5));
                return file;
            case 7:
                return file[..at];
            case 8:
                return [.. file[..at], .. Piece(file), .. file[at..]];
            case 9:
                return [.. file[..at], .. file[(at + Math.Min(file.Length - at, 1 + random.Next(32)))..]];
            case 10:
                byte[] piece = Piece(other);
                piece.AsSpan(0, Math.Min(piece.Length, file.Length - at)).CopyTo(file.AsSpan(at));
                return file;
            case 11:
                return [.. file[..at], .. other[Math.Min(other.Length, Place(Math.Max(1, other.Length)))..]];
            case 12:
                Swap(file, at, Place(file.Length), 1 + random.Next(32));
                return file;
            default:
                byte[] word = words[random.Next(words.Count)];
                return random.Next(2) == 0
                    ? [.. file[..at], .. word, .. file[at..]]
                    : [.. file[..at], .. word, .. file[Math.Min(file.Length, at + word.Length)..]];
        }
    }

    private static void Swap(byte[] file, int a, int b, int length) {
        length = Math.Min(length, Math.Min(Math.Abs(a - b), file.Length - Math.Max(a, b)));
        for (int i = 0; i < length; i++) (file[a + i], file[b + i]) = (file[b + i], file[a + i]);
    }

    /// <summary>A place in a file, more often near its ends, where headers and directories stand.</summary>
    private int Place(int length) => random.Next(4) switch {
        0 => random.Next(Math.Min(length, 64)),
        1 => length - 1 - random.Next(Math.Min(length, 128)),
        _ => random.Next(length),
    };

    private byte[] Piece(byte[] file) {
        if (file.Length == 0) return [0];
        int from = random.Next(file.Length), length = Math.Min(file.Length - from, 1 + random.Next(random.Next(8) == 0 ? 4096 : 48));
        return file[from..(from + length)];
    }

    private void PutNumber(Span<byte> at) {
        ulong value = Interesting[random.Next(Interesting.Length)];
        if (random.Next(3) == 0) value = unchecked(value + (ulong)random.Next(-3, 4));
        int width = 1 << random.Next(4);
        bool little = random.Next(2) == 0;
        Span<byte> bytes = stackalloc byte[8];
        if (little) BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        else BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        (little ? bytes[..width] : bytes[^width..])[..Math.Min(width, at.Length)].CopyTo(at);
    }
}
