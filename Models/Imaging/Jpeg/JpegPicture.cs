namespace DenseEngine.Models;

/// <summary>The picture of a JPEG file in the making. A single scan of all components is turned into pixels as it is read; several scans are
/// gathered as coefficients first.</summary>
internal sealed class JpegPicture {
    /// <summary>How many coefficients a stripe has at least: so many that handing it from thread to thread costs nothing beside it.</summary>
    private const int StripeCoefficients = 1 << 18;

    /// <summary>Arithmetic coding spends next to nothing on what it expects. Up to so many bytes of pixels by byte of data (and some free)
    /// are believed: about four times what plain gray takes.</summary>
    private const long ArithmeticRatio = 20_000, ArithmeticFree = 1 << 22;

    // Of zigzag order: those that libjpeg estimates from the neighbours' DC if they are not known to the last bit.
    private const int SmoothedCoefficients = 10;

    private readonly JpegFrame frame;
    private readonly JpegColorSpace space;
    private readonly int orientation;
    private short[][] coefficients = [];
    private Picture? picture;

    /// <summary>Begins at a file's first scan.</summary>
    public JpegPicture(JpegFrame frame, JpegTables tables) {
        this.frame = frame;
        space = JpegColors.SpaceOf(frame, tables);
        orientation = tables.Orientation ?? ExifOrientation.Upright;
        // Motion JPEG's frames have no tables. Progressive scans need tables of their own, so libjpeg-turbo refuses to do without.
        if (!frame.IsArithmetic && !frame.IsProgressive) JpegStandardTables.Complete(tables.Dc, tables.Ac);
    }

    /// <summary>How many scans were read.</summary>
    public int Scans { get; private set; }

    /// <summary>Reads a scan, the header of which was just reached.</summary>
    /// <returns>Whether the picture is complete; else other scans may follow.</returns>
    /// <exception cref="ImageException">The header or the data are damaged.</exception>
    public bool Read(ref JpegSegments segments, JpegTables tables) {
        JpegScan scan = JpegScan.Read(segments, frame, tables);
        bool isOnly = Scans == 0 && !frame.IsProgressive && scan.Indices.Length == frame.Components.Length;
        if (Scans++ == 0) CheckSize(segments.File.Length - segments.At);
        int mcus = scan.McusAcross * scan.McusDown;
        scan.Data = JpegScanData.Read(ref segments, scan.RestartInterval == 0 ? 1 : (mcus - 1) / scan.RestartInterval + 1);
        var reader = new JpegScanReader(scan, tables, $"scan {Scans}");
        if (isOnly) {
            ReadAndRender(reader);
            return true;
        }
        if (coefficients.Length == 0) coefficients = Coefficients(frame.McusDown);
        reader.Read(scan.McusDown, coefficients, 0);
        return false;
    }

    /// <summary>The picture, upright.</summary>
    /// <exception cref="ImageException">Coefficients are missing.</exception>
    public Picture Finish() {
        picture ??= Render();
        return ExifOrientation.Apply(picture, orientation);
    }

    // A block takes a bit for its DC coefficient, and in a sequential scan one for the end of its AC coefficients.
    private void CheckSize(long bytes) {
        bool holds = frame.IsArithmetic
            ? 3L * frame.Width * frame.Height <= ArithmeticFree + ArithmeticRatio * bytes
            : frame.Blocks * (frame.IsProgressive ? 1 : 2) <= 8 * bytes;
        if (!holds) throw new ImageException($"The JPEG file states {frame.Width}x{frame.Height} pixels, more than its {bytes} bytes of data can hold.");
    }

    private short[][] Coefficients(int mcuLines) => [.. from c in frame.Components
        select new short[(long)c.BlockStride * c.Vertical * mcuLines * JpegComponent.Block]];

    // While one thread decodes a stripe, another turns the stripe before into pixels.
    private void ReadAndRender(JpegScanReader reader) {
        picture = Picture.Unwritten(frame.Width, frame.Height);
        var renderer = new JpegRenderer(frame, space, picture);
        int lineCoefficients = frame.Components.Sum(c => c.BlockStride * c.Vertical * JpegComponent.Block);
        int lines = Math.Clamp(StripeCoefficients / lineCoefficients, 1, frame.McusDown), stripes = (frame.McusDown - 1) / lines + 1;
        short[][][] memory = [Coefficients(lines), stripes > 1 ? Coefficients(lines) : []];
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

    private Picture Render() {
        foreach (JpegComponent component in frame.Components) {
            if (component.MissingBits[0] < 0) throw new ImageException($"The JPEG file has no scan of component {component.Id}.");
            if (component.MissingBits.AsSpan(1, SmoothedCoefficients - 1).IndexOfAnyExcept((sbyte)0) >= 0)
                throw new ImageException($"The JPEG file's scans leave coefficients of component {component.Id} unknown.");
        }
        Picture rendered = Picture.Unwritten(frame.Width, frame.Height);
        int lineCoefficients = frame.Components.Sum(c => c.BlockStride * c.Vertical * JpegComponent.Block);
        int lines = Math.Clamp(8 * StripeCoefficients / lineCoefficients, 1, frame.McusDown);
        HostDevice.Default.Workers.ForRange(frame.McusDown, lines, (from, until) =>
            new JpegRenderer(frame, space, rendered).Write(from, until - from, coefficients, 0, isContinued: false, clears: false));
        return rendered;
    }
}
