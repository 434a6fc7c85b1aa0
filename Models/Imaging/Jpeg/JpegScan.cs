namespace DenseEngine.Models;

/// <summary>What a scan header (T.81, B.2.3) says, with the tables that are valid for it.</summary>
internal sealed class JpegScan {
    private const int MostBlocks = 10;

    private JpegScan(JpegFrame frame, int[] indices) {
        (Frame, Indices) = (frame, indices);
        JpegComponent first = frame.Components[indices[0]];
        bool alone = indices.Length == 1;
        McusAcross = alone ? first.BlocksAcross : frame.McusAcross;
        McusDown = alone ? first.BlocksDown : frame.McusDown;
    }

    public JpegFrame Frame { get; }

    /// <summary>The scan's components, as numbers of the frame's.</summary>
    public int[] Indices { get; }

    /// <summary>By the scan's components: tables of DC and AC codes; null where none is needed.</summary>
    public JpegHuffmanTable?[] Dc { get; private set; } = [];

    /// <summary>Likewise.</summary>
    public JpegHuffmanTable?[] Ac { get; private set; } = [];

    /// <summary>By the scan's components: numbers of the tables.</summary>
    public (int Dc, int Ac)[] Slots { get; private set; } = [];

    /// <summary>The first and the last coefficient that the scan has, in zigzag order.</summary>
    public int First { get; private set; }

    /// <summary>Likewise.</summary>
    public int Last { get; private set; } = JpegComponent.Block - 1;

    /// <summary>Whether the scan adds a bit to coefficients that earlier scans began.</summary>
    public bool IsRefinement { get; private set; }

    /// <summary>How many low bits are left to later scans.</summary>
    public int LowBit { get; private set; }

    /// <summary>MCUs of the scan: blocks of a component alone, else groups of all components' blocks.</summary>
    public int McusAcross { get; }

    /// <summary>Likewise.</summary>
    public int McusDown { get; }

    public int RestartInterval { get; private set; }

    /// <summary>Of arithmetic coding, by table number: <see cref="JpegTables.ArithmeticDc"/> as they were at the header.</summary>
    public (int Lower, int Upper)[] ArithmeticDc { get; private set; } = [];

    /// <summary>Likewise.</summary>
    public int[] ArithmeticAc { get; private set; } = [];

    /// <summary>The scan's data: set by the decoder.</summary>
    public JpegScanData Data { get; set; } = new([], []);

    /// <summary>Reads a scan header's body: count of components; for each its identifier and tables; range of coefficients and of
    /// bits.</summary>
    /// <exception cref="ImageException">It is malformed, or contradicts the file's other segments.</exception>
    public static JpegScan Read(in JpegSegments segment, JpegFrame frame, JpegTables tables) {
        ReadOnlySpan<byte> body = segment.Body;
        int count = body.IsEmpty ? 0 : body[0];
        if (count is < 1 or > 4 || body.Length != 4 + 2 * count)
            throw segment.Malformed($"has {body.Length} bytes and states {count} components");
        var indices = new int[count];
        var slots = new (int Dc, int Ac)[count];
        for (int i = 0; i < count; i++) {
            int id = body[1 + 2 * i];
            // As in libjpeg: where identifiers occur twice, the component that stands at a place already taken is passed over.
            int index = 0;
            while (index < frame.Components.Length && (frame.Components[index].Id != id || index < i)) index++;
            if (index == frame.Components.Length || indices.AsSpan(0, i).Contains(index))
                throw segment.Malformed($"names component {id}, which the frame does not have (there)");
            indices[i] = index;
            slots[i] = (body[2 + 2 * i] >> 4, body[2 + 2 * i] & 15);
        }
        int approximation = body[^1];
        var scan = new JpegScan(frame, indices) {
            Slots = slots,
            First = body[^3],
            Last = body[^2],
            IsRefinement = approximation >> 4 != 0,
            LowBit = approximation & 15,
            RestartInterval = tables.RestartInterval,
        };
        scan.CheckBlocks(segment);
        if (frame.IsProgressive) {
            scan.CheckProgression(segment, approximation >> 4);
        } else if (scan.First != 0 || scan.Last != JpegComponent.Block - 1 || approximation != 0) {
            throw segment.Malformed($"states coefficients {scan.First} to {scan.Last} in a file that is not progressive");
        }
        scan.TakeTables(segment, tables);
        return scan;
    }

    private void CheckBlocks(in JpegSegments segment) {
        int blocks = Indices.Sum(index => Frame.Components[index].Horizontal * Frame.Components[index].Vertical);
        if (Indices.Length > 1 && blocks > MostBlocks) throw segment.Malformed($"has MCUs of {blocks} blocks; {MostBlocks} are allowed");
    }

    // T.81, G.1.1.1: bands of coefficients, DC apart from AC, the AC of one component at a time, one bit more with each refinement.
    private void CheckProgression(in JpegSegments segment, int previous) {
        bool dc = First == 0;
        if ((dc ? Last != 0 : First > Last || Last >= JpegComponent.Block || Indices.Length > 1)
            || (previous != 0 && LowBit != previous - 1) || LowBit > 13)
            throw segment.Malformed($"states coefficients {First} to {Last}, bits {previous} to {LowBit}, which no progressive scan has");
        foreach (int index in Indices) {
            sbyte[] missing = Frame.Components[index].MissingBits;
            if (!dc && missing[0] < 0) throw segment.Malformed("has AC coefficients of a component without DC coefficients so far");
            for (int k = First; k <= Last; k++) {
                if (previous != Math.Max(missing[k], (sbyte)0))
                    throw segment.Malformed($"refines coefficient {k} from bit {previous}; it is known to bit {missing[k]}");
                missing[k] = (sbyte)LowBit;
            }
        }
    }

    private void TakeTables(in JpegSegments segment, JpegTables tables) {
        foreach (int index in Indices) {
            JpegComponent component = Frame.Components[index];
            if (!Frame.IsProgressive && component.Table is not null) throw segment.Malformed($"has component {component.Id} a second time");
            component.Table ??= (component.Quantization < 4 ? tables.Quantization[component.Quantization] : null)
                ?? throw segment.Malformed($"needs quantisation table {component.Quantization}, which is not defined");
            if (!Frame.IsProgressive) component.MissingBits.AsSpan().Clear();
        }
        if (Frame.IsArithmetic) {
            (ArithmeticDc, ArithmeticAc) = ([.. tables.ArithmeticDc], [.. tables.ArithmeticAc]);
            return;
        }
        bool needsDc = First == 0 && !IsRefinement, needsAc = Last > 0;
        Dc = new JpegHuffmanTable[Indices.Length];
        Ac = new JpegHuffmanTable[Indices.Length];
        for (int i = 0; i < Indices.Length; i++) {
            if (needsDc) Dc[i] = Table(segment, tables.Dc, Slots[i].Dc, "DC");
            if (needsAc) Ac[i] = Table(segment, tables.Ac, Slots[i].Ac, "AC");
            if (Dc[i]?.Largest > 15) throw segment.Malformed($"needs DC Huffman table {Slots[i].Dc}, which has symbols above 15");
        }
    }

    private static JpegHuffmanTable Table(in JpegSegments segment, JpegHuffmanTable?[] tables, int slot, string kind) =>
        (slot < tables.Length ? tables[slot] : null)?.Prepare()
        ?? throw segment.Malformed($"needs {kind} Huffman table {slot}, which is not defined");
}
