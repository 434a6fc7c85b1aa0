using System.Buffers.Binary;
using System.Text;

namespace DenseEngine;

/// <summary>The bytes of a pickle, taken front to back. Every length is compared with what is left before anything is allocated.</summary>
internal sealed class PickleSource {
    /// <summary>The longest line of text that an opcode may have: names and numbers.</summary>
    private const int LongestLine = 1 << 16;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly ByteStore? store;
    private readonly string place;
    private readonly long end;
    private byte[] buffer;
    private long bufferStart;
    private int at, filled;

    /// <param name="bytes">The whole pickle.</param>
    /// <param name="place">File and record, for messages.</param>
    public PickleSource(byte[] bytes, string place) {
        (buffer, filled, end, this.place) = (bytes, bytes.Length, bytes.Length, place);
    }

    /// <summary>Pickles that stand in a file, with something behind them.</summary>
    public PickleSource(ByteStore store, long start) {
        (this.store, place, end, bufferStart) = (store, store.Name, store.Length, start);
        buffer = new byte[Math.Min(1 << 16, end - start)];
    }

    /// <summary>The place of the next byte.</summary>
    public long Position => bufferStart + at;

    private long Left => end - Position;

    /// <summary>The error that something at this place is wrong, or not read.</summary>
    public CheckpointException Broken(string why) => new($"{place}, byte {Position}: {why}.");

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double ReadDoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>The next bytes, valid until more are read.</summary>
    public ReadOnlySpan<byte> Take(long count) {
        Demand(count);
        if (filled - at < count) Fill((int)count);
        at += (int)count;
        return buffer.AsSpan(at - (int)count, (int)count);
    }

    /// <summary>Passes over bytes.</summary>
    public void Skip(long count) {
        for (Demand(count); count > 0;) {
            int some = (int)Math.Min(count, 1 << 16);
            Take(some);
            count -= some;
        }
    }

    /// <summary>Demands that so many bytes are left.</summary>
    public void Demand(long count) {
        if (count < 0 || count > Left || count > Array.MaxLength) throw Broken($"it needs {count} bytes and has {Left}");
    }

    /// <summary>Text in UTF-8.</summary>
    public string Text(long bytes) => Decode(Take(bytes));

    /// <summary>The bytes up to the next line feed, which is passed over.</summary>
    public ReadOnlySpan<byte> Line() {
        for (int length = 0; ;) {
            int found = buffer.AsSpan(at + length, filled - at - length).IndexOf((byte)'\n');
            if (found >= 0) return Take(length + found + 1)[..^1];
            length = filled - at;
            if (length >= LongestLine || length >= Left) throw Broken("a line of text has no end");
            Fill((int)Math.Min(Left, Math.Max(1 << 12, 2 * length)));
        }
    }

    public string Decode(ReadOnlySpan<byte> utf8) {
        try {
            return Strict.GetString(utf8);
        } catch (DecoderFallbackException) {
            throw Broken("a text is no UTF-8");
        }
    }

    /// <summary>Moves what is left of the buffer to its front and reads on, until it holds at least so many bytes.</summary>
    private void Fill(int count) {
        byte[] room = count > buffer.Length ? new byte[count] : buffer;
        buffer.AsSpan(at, filled - at).CopyTo(room);
        (bufferStart, filled, at, buffer) = (bufferStart + at, filled - at, 0, room);
        int more = (int)Math.Min(room.Length - filled, end - bufferStart - filled);
        store!.Read(bufferStart + filled, room.AsSpan(filled, more));
        filled += more;
    }
}
