namespace DenseEngine.Models;

/// <summary>The picture of a JPEG file in the making. A single scan of all components is turned into pixels as it is read; several scans
/// are gathered as coefficients first.</summary>
internal sealed class JpegPicture {
    /// <summary>How many coefficients a stripe has at least: handing that many from thread to thread costs nothing beside them.</summary>
    private const int StripeCoefficients = 1 << 18;

    /// <summary>Each scan goes over all blocks, and a scan that says nothing takes ten bytes. So many are allowed, and from the second
    /// figure on only as long as all of them have no more blocks than the third.</summary>
    private const int MostScans = 500, FewScans = 100, ManyBlocks = 1 << 25;

    /// <summary>Arithmetic coding spends next to nothing on what it expects: so many bytes of memory by byte of data, and some more, are
    /// believed. Plain colours of many megapixels would be denser.</summary>
    private const long ArithmeticRatio = 5_000, ArithmeticFree = 6 << 20;

    // Of zigzag order: those that libjpeg estimates from the neighbours' DC if they are not known to the last bit.
    private const int SmoothedCoefficients = 10;

    private readonly JpegFrame frame;
    private readonly JpegColorSpace space;
    private readonly int orientation;
    private readonly short[][] coefficients;
    private readonly List<(JpegScan Scan, int Number)> gathered = [];
    private Picture? picture;
    private int scans;

    /// <summary>Begins at a file's first scan.</summary>
    public JpegPicture(JpegFrame frame, JpegTables tables) {
        this.frame = frame;
        space = JpegColors.SpaceOf(frame, tables);
        orientation = tables.Orientation ?? ExifOrientation.Upright;
        coefficients = [.. frame.Components.Select(_ => Array.Empty<short>())];
        // Motion JPEG's frames have no tables. Progressive scans need tables of their own, so libjpeg-turbo refuses to do without.
        if (!frame.IsArithmetic && !frame.IsProgressive) JpegStandardTables.Complete(tables.Dc, tables.Ac);
    }

    /// <summary>Reads a scan, the header of which was just reached.</summary>
    /// <returns>Whether the picture is complete; else other scans may follow.</returns>
    /// <exception cref="ImageException">The header or the data are damaged.</exception>
    public bool Read(ref JpegSegments segments, JpegTables tables) {
        if (++scans > MostScans || (scans > FewScans && scans * frame.Blocks > ManyBlocks))
            throw segments.Malformed($"is the file's scan {scans}: too many");
        JpegScan scan = JpegScan.Read(segments, frame, tables);
        bool isOnly = scans == 1 && !frame.IsProgressive && scan.Indices.Length == frame.Components.Length;
        int mcus = scan.McusAcross * scan.McusDown;
        scan.Data = JpegScanData.Read(ref segments, scan.RestartInterval == 0 ? 1 : (mcus - 1) / scan.RestartInterval + 1);
        CheckSize(scan, isOnly);
        if (isOnly) {
            ReadAndRender(Reader(scan, scans));
            return true;
        }
        foreach (int index in scan.Indices)
            if (coefficients[index].Length == 0) coefficients[index] = Coefficients(frame.Components[index], frame.McusDown);
        gathered.Add((scan, scans));
        return false;
    }

    /// <summary>The picture, upright.</summary>
    /// <exception cref="ImageException">Coefficients are missing, or a scan's data are damaged.</exception>
    public Picture Finish() {
        if (picture is null) {
            ReadGathered();
            picture = Render();
        }
        return ExifOrientation.Apply(picture, orientation);
    }

    private static JpegScanReader Reader(JpegScan scan, int number) => new(scan, $"scan {number}");

    private static short[] Coefficients(JpegComponent component, int mcuLines) =>
        new short[(long)component.BlockStride * component.Vertical * mcuLines * JpegComponent.Block];

    // Before any memory is taken for a component: a block's first Huffman-coded scan has a bit for its DC coefficient, and unless the file
    // is progressive another for the end of its AC coefficients.
    private void CheckSize(JpegScan scan, bool isOnly) {
        long bytes = scan.Data.Ends[^1];
        if (scan.First != 0 || scan.IsRefinement) return;
        bool holds;
        if (frame.IsArithmetic) {
            long needed = 3L * frame.Width * frame.Height + (isOnly ? 0 : 2 * JpegComponent.Block * frame.Blocks);
            holds = needed <= ArithmeticFree + ArithmeticRatio * bytes;
        } else {
            long blocks = scan.Indices.Sum(index => frame.Components[index].Blocks);
            holds = blocks * (frame.IsProgressive ? 1 : 2) <= 8 * bytes;
        }
        if (holds) return;
        throw new ImageException($"The JPEG file states {frame.Width}x{frame.Height} pixels, more than the {bytes} bytes of scan {scans} "
            + "can hold.");
    }

    // While one thread decodes a stripe, another turns the stripe before into pixels.
    private void ReadAndRender(JpegScanReader reader) {
        picture = Picture.Unwritten(frame.Width, frame.Height);
        var renderer = new JpegRenderer(frame, space, picture);
        int lines = StripeLines(StripeCoefficients), stripes = (frame.McusDown - 1) / lines + 1;
        var memory = new short[Math.Min(2, stripes)][][];
        for (int i = 0; i < memory.Length; i++) memory[i] = [.. frame.Components.Select(component => Coefficients(component, lines))];
        for (int step = 0; step <= stripes; step++) {
            HostDevice.Default.Workers.For(2, task => {
                int stripe = step - task;
                if (stripe < 0 || stripe == stripes) return;
                int first = stripe * lines, count = Math.Min(lines, frame.McusDown - first);
                if (task == 0) reader.Read(count, memory[stripe & 1], 0);
                else renderer.Write(first, count, memory[stripe & 1], first, isContinued: stripe > 0, clears: true);
            });
        }
    }

    // Scans of the DC coefficients, and of each component's AC coefficients, depend on the scans of the same before them, but on no others:
    // threads share them out. Of damaged scans the first is told.
    private void ReadGathered() {
        var chains = (from entry in gathered
                      group entry by entry.Scan.Last == 0 ? -1 : entry.Scan.Indices[0] into chain
                      orderby chain.Sum(entry => entry.Scan.Data.Bytes.Length) descending
                      select chain.ToArray()).ToArray();
        var failures = new (int Number, ImageException? Failure)[chains.Length];
        HostDevice.Default.Workers.For(chains.Length, i => {
            foreach ((JpegScan scan, int number) in chains[i]) {
                try {
                    Reader(scan, number).Read(scan.McusDown, coefficients, 0);
                } catch (ImageException failure) {
                    failures[i] = (number, failure);
                    return;
                }
            }
        });
        if (failures.Where(chain => chain.Failure is not null).OrderBy(chain => chain.Number).FirstOrDefault()
            .Failure is { } first) throw first;
    }

    private Picture Render() {
        foreach (JpegComponent component in frame.Components) {
            if (component.MissingBits[0] < 0) throw new ImageException($"The JPEG file has no scan of component {component.Id}.");
            if (component.MissingBits.AsSpan(1, SmoothedCoefficients - 1).IndexOfAnyExcept((sbyte)0) >= 0)
                throw new ImageException($"The JPEG file's scans leave coefficients of component {component.Id} unknown.");
        }
        Picture rendered = Picture.Unwritten(frame.Width, frame.Height);
        HostDevice.Default.Workers.ForRange(frame.McusDown, StripeLines(8 * StripeCoefficients), (from, until) =>
            new JpegRenderer(frame, space, rendered).Write(from, until - from, coefficients, 0, isContinued: false, clears: false));
        return rendered;
    }

    private int StripeLines(int atLeast) => Math.Clamp(
        atLeast / frame.Components.Sum(component => component.BlockStride * component.Vertical * JpegComponent.Block), 1, frame.McusDown);
}
