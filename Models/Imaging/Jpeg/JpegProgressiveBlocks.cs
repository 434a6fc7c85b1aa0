using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DenseEngine.Models;

/// <summary>Huffman-coded blocks of a progressive scan (T.81, annex G): a band of coefficients, from their highest bit down to one, or one
/// bit more of them.</summary>
internal abstract class JpegProgressiveBlocks(JpegScan scan) : JpegBlocks {
    protected JpegBits Bits;

    /// <summary>Blocks still to come that have nothing more in this band.</summary>
    protected int EndedBlocks { get; set; }

    protected JpegScan Scan => scan;

    /// <summary>The kind of a scan.</summary>
    public static JpegProgressiveBlocks For(JpegScan scan) => (scan.First == 0, scan.IsRefinement) switch {
        (true, false) => new DcFirst(scan),
        (true, true) => new DcMore(scan),
        (false, false) => new AcFirst(scan),
        (false, true) => new AcMore(scan),
    };

    public override void Begin(byte[] data, int from, int end) {
        Bits = new JpegBits(data, from, end);
        EndedBlocks = 0;
    }

    public override void End() => Bits.Check();

    private sealed class DcFirst(JpegScan scan) : JpegProgressiveBlocks(scan) {
        private readonly int[] predictions = new int[scan.Indices.Length];

        public override void Begin(byte[] data, int from, int end) {
            base.Begin(data, from, end);
            predictions.AsSpan().Clear();
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Decode(int component, Span<short> block) {
            int size = Bits.Symbol(Scan.Dc[component]!);
            predictions[component] += Bits.Number(size);
            block[0] = (short)(predictions[component] << Scan.LowBit);
        }
    }

    private sealed class DcMore(JpegScan scan) : JpegProgressiveBlocks(scan) {
        public override void Decode(int component, Span<short> block) {
            if (Bits.Bit()) block[0] |= (short)(1 << Scan.LowBit);
        }
    }

    private sealed class AcFirst(JpegScan scan) : JpegProgressiveBlocks(scan) {
        private readonly JpegHuffmanTable table = scan.Ac[0]!;
        private readonly int first = scan.First, last = scan.Last, lowBit = scan.LowBit;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Decode(int component, Span<short> block) {
            if (EndedBlocks > 0) {
                EndedBlocks--;
                return;
            }
            JpegBits bits = Bits;
            ref int numbers = ref MemoryMarshal.GetArrayDataReference(table.Numbers);
            ref byte order = ref MemoryMarshal.GetReference(JpegZigzag.Order);
            ref short start = ref MemoryMarshal.GetReference(block[..JpegComponent.Block]);
            for (int k = first; k <= last; k++) {
                bits.Refill();
                int found = Unsafe.Add(ref numbers, bits.Peek(JpegHuffmanTable.LookUpBits));
                if (found != 0) {
                    bits.Skip(found & 0xFF);
                    k += (found >> 8) & 0xFF;
                    if (k >= JpegHuffmanTable.EndOfBlock) break;
                    Unsafe.Add(ref start, Unsafe.Add(ref order, k)) = (short)(found >> 16 << lowBit);
                    continue;
                }
                int symbol = bits.Symbol(table), size = symbol & 15, run = symbol >> 4;
                if (size == 0 && run != 15) {
                    EndedBlocks = (1 << run) + bits.Take(run) - 1;
                    break;
                }
                k += run;
                if (size != 0) Unsafe.Add(ref start, Unsafe.Add(ref order, k)) = (short)(bits.Number(size) << lowBit);
            }
            Bits = bits;
        }
    }

    private sealed class AcMore(JpegScan scan) : JpegProgressiveBlocks(scan) {
        private readonly JpegHuffmanTable table = scan.Ac[0]!;
        private readonly int first = scan.First, last = scan.Last, bit = 1 << scan.LowBit;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Decode(int component, Span<short> block) {
            JpegBits bits = Bits;
            int k = first;
            if (EndedBlocks == 0) {
                for (; k <= last; k++) {
                    int symbol = bits.Symbol(table), run = symbol >> 4, size = symbol & 15, begun = 0;
                    if (size == 0 && run != 15) {
                        EndedBlocks = (1 << run) + bits.Take(run);
                        break;
                    }
                    if (size > 1) throw new ImageException("A refining scan has a coefficient of more than one bit.");
                    if (size != 0) begun = bits.Bit() ? bit : -bit;
                    // Zeros are counted, the coefficients in between get their bit, and then the new one begins.
                    k = Refine(ref bits, block, k, run);
                    if (begun != 0) block[JpegZigzag.Order[k]] = (short)begun;
                }
            }
            if (EndedBlocks > 0) {
                Refine(ref bits, block, k, JpegComponent.Block);
                EndedBlocks--;
            }
            Bits = bits;
        }

        /// <summary>Gives coefficients their next bit, up to the zero behind so many zeros or the band's end, which it returns.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private int Refine(ref JpegBits bits, Span<short> block, int k, int zeros) {
            for (; k <= last; k++) {
                ref short coefficient = ref block[JpegZigzag.Order[k]];
                if (coefficient == 0) {
                    if (--zeros < 0) break;
                } else if (bits.Bit() && (coefficient & bit) == 0) {
                    coefficient += (short)(coefficient >= 0 ? bit : -bit);
                }
            }
            return k;
        }
    }
}
