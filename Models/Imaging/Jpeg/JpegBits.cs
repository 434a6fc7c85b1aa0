using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DenseEngine.Models;

/// <summary>Reads bits, the highest of a byte first, from one stretch of a scan's data. Behind the stretch come other bits (the next
/// stretch's, or zeros): they may be looked at, and whoever used them up is told so by <see cref="Check"/>.</summary>
internal struct JpegBits(byte[] data, int from, int end) {
    /// <summary>Bytes that must stand behind the last stretch, so that eight can be fetched at once.</summary>
    public const int Slack = 24;

    private readonly byte[] data = data;
    private readonly int end = end;
    private int next = from;
    private ulong buffer;   // the next bits from the top down
    private int count;      // how many of them are counted as fetched: at most 63

    /// <summary>Bits of the stretch that are left; negative if more were used than there are.</summary>
    public readonly long Left => 8L * (end - next) + count;

    /// <summary>Makes at least 32 bits ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refill() {
        if (count >= 32) return;
        // So far behind the end that bits were used up there.
        if (next > end + 8) throw Ended();
        // Within the data and their slack, as next is at most end + 8.
        ulong fetched = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(data), next));
        if (BitConverter.IsLittleEndian) fetched = BinaryPrimitives.ReverseEndianness(fetched);
        buffer |= fetched >> count;
        next += (63 - count) >> 3;
        count |= 56;
    }

    /// <summary>The next bits, 1 to 16, without using them up; they must be ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Peek(int bits) => (int)(buffer >> (64 - bits));

    /// <summary>Uses bits up that are ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int bits) {
        buffer <<= bits;
        count -= bits;
    }

    /// <summary>Takes bits, 0 to 16, that are ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Take(int bits) {
        int value = (int)(buffer >> 1 >> (63 - bits));
        Skip(bits);
        return value;
    }

    /// <summary>Takes one bit, whether ready or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Bit() {
        if (count == 0) Refill();
        bool bit = (long)buffer < 0;
        Skip(1);
        return bit;
    }

    /// <summary>Takes a symbol; at least 16 bits stay ready.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Symbol(JpegHuffmanTable table) {
        Refill();
        int found = table.Symbols[Peek(JpegHuffmanTable.LookUpBits)];
        if (found == 0) found = Long(table, Peek(16), Left);
        Skip(found >> 8);
        return found & 0xFF;
    }

    /// <summary>Takes a number of so many bits, 0 to 15, that are ready. Those that begin with 0 are negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Number(int bits) {
        int value = Take(bits);
        return bits == 0 || value >> (bits - 1) != 0 ? value : value - (1 << bits) + 1;
    }

    /// <summary>Refuses data that ended too early. Bytes left over are passed over, as in libjpeg: cameras write some.</summary>
    /// <exception cref="ImageException">More bits were used than there are.</exception>
    public readonly void Check() {
        if (Left < 0) throw Ended();
    }

    // Static, so that a reader that lives in registers need not go to memory for them.
    private static int Long(JpegHuffmanTable table, int bits, long left) {
        int found = table.Long(bits);
        if (found != 0) return found;
        throw left < 16 ? Ended() : new ImageException("A code is in no Huffman table.");
    }

    private static ImageException Ended() => new("The data end too early.");
}
