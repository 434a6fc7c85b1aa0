namespace DenseEngine.Models;

/// <summary>Arithmetic-coded blocks of a scan of any kind (T.81, F.1.4, F.2.4 and G.1.3).</summary>
internal sealed class JpegArithmeticBlocks(JpegScan scan) : JpegBlocks {
    // Places in the statistics: behind the five contexts of DC differences, their magnitudes; then the patterns of bits, 14 further on; the
    // magnitudes of low and of high frequencies.
    private const int DcMagnitudes = 20, ToPatterns = 14, AcLow = 189, AcHigh = 217, LargestMagnitude = 1 << 15;

    private readonly byte[][] dc = [.. Enumerable.Range(0, 16).Select(_ => new byte[64])];
    private readonly byte[][] ac = [.. Enumerable.Range(0, 16).Select(_ => new byte[256])];
    private readonly int[] predictions = new int[scan.Indices.Length], contexts = new int[scan.Indices.Length];
    private JpegArithmeticDecoder decoder;
    private byte even = JpegArithmeticDecoder.Even;

    public override void Begin(byte[] data, int from, int end) {
        decoder = new JpegArithmeticDecoder(data, from, end);
        foreach (byte[] statistics in dc) statistics.AsSpan().Clear();
        foreach (byte[] statistics in ac) statistics.AsSpan().Clear();
        predictions.AsSpan().Clear();
        contexts.AsSpan().Clear();
    }

    public override void Decode(int component, Span<short> block) {
        if (scan.First == 0) {
            if (!scan.IsRefinement) block[0] = (short)(Dc(component) << scan.LowBit);
            else if (decoder.Decide(ref even)) block[0] |= (short)(1 << scan.LowBit);
        }
        if (scan.Last == 0) return;
        if (scan.IsRefinement) RefineAc(block, scan.Slots[component].Ac);
        else Ac(block, scan.Slots[component].Ac);
    }

    // What is left over cannot be told from what the encoder left out.
    public override void End() { }

    private int Dc(int component) {
        int slot = scan.Slots[component].Dc;
        byte[] statistics = dc[slot];
        int at = contexts[component];
        if (!decoder.Decide(ref statistics[at])) {
            contexts[component] = 0;
            return predictions[component];
        }
        bool negative = decoder.Decide(ref statistics[at + 1]);
        at += negative ? 3 : 2;
        int magnitude = decoder.Decide(ref statistics[at]) ? 1 : 0;
        if (magnitude != 0) {
            at = DcMagnitudes;
            magnitude = Magnitude(statistics, ref at, magnitude);
        }
        (int lower, int upper) = scan.ArithmeticDc[slot];
        contexts[component] = magnitude < (1 << lower) >> 1 ? 0 : (magnitude > (1 << upper) >> 1 ? 12 : 4) + (negative ? 4 : 0);
        return predictions[component] += Number(statistics, at, magnitude, negative);
    }

    private void Ac(Span<short> block, int slot) {
        byte[] statistics = ac[slot];
        for (int k = Math.Max(1, scan.First); k <= scan.Last; k++) {
            int at = 3 * (k - 1);
            if (decoder.Decide(ref statistics[at])) return;
            for (; !decoder.Decide(ref statistics[at + 1]); at += 3)
                if (++k > scan.Last) throw Overflow();
            bool negative = decoder.Decide(ref even);
            at += 2;
            int magnitude = decoder.Decide(ref statistics[at]) ? 1 : 0;
            if (magnitude != 0 && decoder.Decide(ref statistics[at])) {
                at = k <= scan.ArithmeticAc[slot] ? AcLow : AcHigh;
                magnitude = Magnitude(statistics, ref at, 2);
            }
            block[JpegZigzag.Order[k]] = (short)(Number(statistics, at, magnitude, negative) << scan.LowBit);
        }
    }

    private void RefineAc(Span<short> block, int slot) {
        byte[] statistics = ac[slot];
        int bit = 1 << scan.LowBit, last = scan.Last;
        while (last > 0 && block[JpegZigzag.Order[last]] == 0) last--;
        for (int k = scan.First; k <= scan.Last; k++) {
            int at = 3 * (k - 1);
            if (k > last && decoder.Decide(ref statistics[at])) return;
            for (; ; at += 3) {
                ref short coefficient = ref block[JpegZigzag.Order[k]];
                if (coefficient != 0) {
                    if (decoder.Decide(ref statistics[at + 2])) coefficient += (short)(coefficient < 0 ? -bit : bit);
                    break;
                }
                if (decoder.Decide(ref statistics[at + 1])) {
                    coefficient = (short)(decoder.Decide(ref even) ? -bit : bit);
                    break;
                }
                if (++k > scan.Last) throw Overflow();
            }
        }
    }

    // The highest bit of what a number is above one; moves to that magnitude's place in the statistics.
    private int Magnitude(byte[] statistics, ref int at, int magnitude) {
        for (; decoder.Decide(ref statistics[at]); at++)
            if ((magnitude <<= 1) == LargestMagnitude) throw Overflow();
        return magnitude;
    }

    private int Number(byte[] statistics, int at, int magnitude, bool negative) {
        int number = magnitude;
        for (int bit = magnitude >> 1; bit != 0; bit >>= 1)
            if (decoder.Decide(ref statistics[at + ToPatterns])) number |= bit;
        return negative ? -number - 1 : number + 1;
    }

    private static ImageException Overflow() => new("A number or a run of zeros is too large.");
}
