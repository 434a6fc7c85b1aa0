using System.Runtime.CompilerServices;

namespace DenseEngine.Models;

/// <summary>Decodes a scan's blocks one after the other; a kind for each way of coding them.</summary>
internal abstract class JpegBlocks {
    /// <summary>The way in which a scan is coded.</summary>
    public static JpegBlocks Of(JpegScan scan) {
        if (scan.Frame.IsArithmetic) return new JpegArithmeticBlocks(scan);
        return scan.Frame.IsProgressive ? JpegProgressiveBlocks.For(scan) : new JpegSequentialBlocks(scan);
    }

    /// <summary>Begins a stretch of data: whatever was learned from the one before is forgotten.</summary>
    public abstract void Begin(byte[] data, int from, int end);

    /// <summary>Decodes the next block.</summary>
    /// <param name="component">Which of the scan's components it belongs to.</param>
    /// <param name="block">Its 64 coefficients in natural order: zeros, or what earlier scans left.</param>
    public abstract void Decode(int component, Span<short> block);

    /// <summary>Checks, at a stretch's end, that not more than its data was used.</summary>
    /// <exception cref="ImageException">It was.</exception>
    public abstract void End();
}

/// <summary>Walks over a scan's MCUs and restart intervals (T.81, A.2 and E.2.4).</summary>
internal sealed class JpegScanReader {
    private readonly JpegScan scan;
    private readonly JpegBlocks blocks;
    private readonly string name;

    /// <summary>By the MCU's blocks: component (of the scan), its place in the first MCU of a line, and from MCU to MCU.</summary>
    private readonly (int Component, int Place, int Step)[] layout;
    private int mcu, stretch;

    /// <param name="scan">The scan.</param>
    /// <param name="name">What messages call it.</param>
    public JpegScanReader(JpegScan scan, string name) {
        (this.scan, this.name) = (scan, name);
        blocks = JpegBlocks.Of(scan);
        blocks.Begin(scan.Data.Bytes, 0, scan.Data.Ends[0]);
        layout = [.. Enumerable.Range(0, scan.Indices.Length).SelectMany(Layout)];
    }

    private bool IsAlone => scan.Indices.Length == 1;

    /// <summary>Decodes the next lines of MCUs.</summary>
    /// <param name="lines">How many.</param>
    /// <param name="coefficients">By the frame's components, its blocks; the lines' first blocks stand where <paramref name="line"/>
    /// says.</param>
    /// <param name="line">The line within the memory that the first of the lines is written to.</param>
    /// <exception cref="ImageException">The data are damaged.</exception>
    public void Read(int lines, short[][] coefficients, int line) {
        try {
            var targets = new short[scan.Indices.Length][];
            for (int i = 0; i < targets.Length; i++) targets[i] = coefficients[scan.Indices[i]];
            for (int end = line + lines; line < end; line++) ReadLine(targets, line);
            if (mcu == scan.McusAcross * scan.McusDown) blocks.End();
        } catch (ImageException damage) {
            throw new ImageException($"The JPEG file's {name} is damaged near MCU {mcu} of {scan.McusAcross * scan.McusDown}: "
                + damage.Message, damage);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadLine(short[][] targets, int line) {
        Span<int> starts = stackalloc int[targets.Length];
        for (int i = 0; i < starts.Length; i++) {
            JpegComponent component = scan.Frame.Components[scan.Indices[i]];
            starts[i] = line * (IsAlone ? 1 : component.Vertical) * component.BlockStride * JpegComponent.Block;
        }
        for (int column = 0; column < scan.McusAcross; column++) {
            if (scan.RestartInterval > 0 && mcu > 0 && mcu % scan.RestartInterval == 0) Restart();
            foreach ((int component, int place, int step) in layout)
                blocks.Decode(component, targets[component].AsSpan(starts[component] + place + column * step, JpegComponent.Block));
            mcu++;
        }
    }

    private void Restart() {
        blocks.End();
        if (++stretch == scan.Data.Ends.Length) throw new ImageException($"Restart marker {(stretch - 1) & 7} is missing.");
        blocks.Begin(scan.Data.Bytes, scan.Data.Ends[stretch - 1], scan.Data.Ends[stretch]);
    }

    private IEnumerable<(int, int, int)> Layout(int index) {
        JpegComponent component = scan.Frame.Components[scan.Indices[index]];
        int across = IsAlone ? 1 : component.Horizontal, down = IsAlone ? 1 : component.Vertical;
        return from y in Enumerable.Range(0, down)
               from x in Enumerable.Range(0, across)
               select (index, (y * component.BlockStride + x) * JpegComponent.Block, across * JpegComponent.Block);
    }
}
