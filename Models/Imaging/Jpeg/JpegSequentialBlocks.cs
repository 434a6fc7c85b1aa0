using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DenseEngine.Models;

/// <summary>Huffman-coded blocks of a sequential scan (T.81, F.2.2): the DC coefficient as a difference, then runs of zeros with a number
/// behind each.</summary>
internal sealed class JpegSequentialBlocks(JpegScan scan) : JpegBlocks {
    private readonly JpegHuffmanTable[] dc = [.. scan.Dc.Select(table => table!)], ac = [.. scan.Ac.Select(table => table!)];
    private readonly int[] predictions = new int[scan.Indices.Length];
    private JpegBits bits;

    public override void Begin(byte[] data, int from, int end) {
        bits = new JpegBits(data, from, end);
        predictions.AsSpan().Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(int component, Span<short> block) {
        JpegBits bits = this.bits;
        JpegHuffmanTable table = dc[component];
        bits.Refill();
        int found = table.Numbers[bits.Peek(JpegHuffmanTable.LookUpBits)], difference;
        if (found != 0) {
            bits.Skip(found & 0xFF);
            difference = found >> 16;
        } else {
            difference = bits.Number(bits.Symbol(table));
        }
        block[0] = (short)(predictions[component] += difference);

        table = ac[component];
        ref int numbers = ref MemoryMarshal.GetArrayDataReference(table.Numbers);
        ref byte order = ref MemoryMarshal.GetReference(JpegZigzag.Order);
        ref short first = ref MemoryMarshal.GetReference(block[..JpegComponent.Block]);
        for (int k = 1; k < JpegComponent.Block; k++) {
            bits.Refill();
            found = Unsafe.Add(ref numbers, bits.Peek(JpegHuffmanTable.LookUpBits));
            if (found != 0) {
                bits.Skip(found & 0xFF);
                k += (found >> 8) & 0xFF;
                if (k >= JpegHuffmanTable.EndOfBlock) break;
                Unsafe.Add(ref first, Unsafe.Add(ref order, k)) = (short)(found >> 16);
                continue;
            }
            int symbol = bits.Symbol(table), size = symbol & 15;
            k += symbol >> 4;
            if (size != 0) Unsafe.Add(ref first, Unsafe.Add(ref order, k)) = (short)bits.Number(size);
            else if (symbol >> 4 != 15) break;
        }
        this.bits = bits;
    }

    public override void End() => bits.Check();
}
