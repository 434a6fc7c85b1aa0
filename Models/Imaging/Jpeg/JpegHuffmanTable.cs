namespace DenseEngine.Models;

/// <summary>A Huffman table (T.81, annex C and F.2.2.3) made for decoding: the next ten bits find the symbol, and often the number behind
/// it too.</summary>
internal sealed class JpegHuffmanTable {
    /// <summary>Bits that are looked up at once.</summary>
    public const int LookUpBits = 10;

    /// <summary>The run in <see cref="Numbers"/> that stands for "no further coefficients".</summary>
    public const int EndOfBlock = 128;

    private const int LongestCode = 16;

    private readonly byte[] counts, symbols;
    private bool ready;

    /// <summary>For each length, what to add to a code to find its symbol, and the first code beyond that length, as if of 16
    /// bits.</summary>
    private readonly int[] offsets = new int[LongestCode + 1], ends = new int[LongestCode + 2];

    /// <param name="counts">How many codes have 1 to 16 bits.</param>
    /// <param name="symbols">The symbols, by rising code.</param>
    public JpegHuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols) {
        this.counts = counts.ToArray();
        this.symbols = symbols.ToArray();
    }

    /// <summary>Makes the table ready for use; only then is it looked at closely, as a file may define what it does not use.</summary>
    /// <exception cref="ImageException">No prefix code without a code of ones alone has these lengths.</exception>
    public JpegHuffmanTable Prepare() {
        if (ready) return this;
        int code = 0, index = 0;
        for (int length = 1; length <= LongestCode; length++, code <<= 1) {
            offsets[length] = index - code;
            int beyond = code + counts[length - 1];
            if (counts[length - 1] > 0 && beyond >= 1 << length)
                throw new ImageException($"A Huffman table has more codes of {length} bits than can be told apart.");
            for (; code < beyond; code++, index++)
                if (length <= LookUpBits) Fill(code, length, symbols[index]);
            ends[length] = code << (LongestCode - length);
        }
        ends[LongestCode + 1] = int.MaxValue;
        ready = true;
        return this;
    }

    /// <summary>By the next ten bits: length · 256 + symbol; 0 if the code is longer.</summary>
    public short[] Symbols { get; } = new short[1 << LookUpBits];

    /// <summary>By the next ten bits, where they hold a coefficient's code and number, or the code 0: number · 65536 + run of zeros · 256
    /// + bits of both; else 0.</summary>
    public int[] Numbers { get; } = new int[1 << LookUpBits];

    /// <summary>The largest symbol.</summary>
    public int Largest => symbols.Length == 0 ? 0 : symbols.Max();

    /// <summary>The symbol of a code longer than ten bits: length · 256 + symbol; 0 if there is none.</summary>
    /// <param name="bits">The next 16 bits.</param>
    public int Long(int bits) {
        int length = LookUpBits + 1;
        while (bits >= ends[length]) length++;
        return length > LongestCode ? 0 : (length << 8) | symbols[(bits >> (LongestCode - length)) + offsets[length]];
    }

    private void Fill(int code, int length, byte symbol) {
        int rest = LookUpBits - length, size = symbol & 15;
        for (int tail = 0; tail < 1 << rest; tail++) {
            int entry = (code << rest) | tail;
            Symbols[entry] = (short)((length << 8) | symbol);
            if (symbol == 0) Numbers[entry] = (EndOfBlock << 8) | length;
            if (size == 0 || size > rest) continue;
            int bits = tail >> (rest - size), number = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
            Numbers[entry] = (number << 16) | ((symbol >> 4) << 8) | (length + size);
        }
    }
}
