namespace DenseEngine.Models;

/// <summary>Turns coefficients into pixels, one line of MCUs after the other: inverse transform, upsampling, colours. It keeps the
/// samples of one line of MCUs and the line of samples above it. Where upsampling needs the samples below, the last line of pixels waits
/// for the next MCUs.</summary>
internal sealed class JpegRenderer {
    private readonly JpegFrame frame;
    private readonly JpegColorSpace space;
    private readonly Picture picture;
    private readonly Plane[] planes;
    private readonly int delay;
    private int nextLine;

    public JpegRenderer(JpegFrame frame, JpegColorSpace space, Picture picture) {
        (this.frame, this.space, this.picture) = (frame, space, picture);
        planes = [.. frame.Components.Select(component => new Plane(component, frame))];
        delay = planes.Any(plane => plane.Upsampling.NeedsNeighbor) ? 1 : 0;
    }

    private int McuSide => JpegComponent.Side * frame.MostVertical;

    /// <summary>Writes the pixels of some lines of MCUs. Several renderers can share a picture's lines.</summary>
    /// <param name="first">The first line.</param>
    /// <param name="count">How many.</param>
    /// <param name="coefficients">By component, its blocks from some line of MCUs on.</param>
    /// <param name="origin">The line of MCUs that they begin with.</param>
    /// <param name="isContinued">Whether this renderer wrote the lines right before; if not and there are any, the coefficients must be
    /// there from the line before on.</param>
    /// <param name="clears">Whether coefficients are set to zero after use.</param>
    public void Write(int first, int count, short[][] coefficients, int origin, bool isContinued, bool clears) {
        if (!isContinued) {
            if (first > 0) Transform(first - 1, coefficients, origin, clears: false);
            nextLine = Math.Max(0, first * McuSide - delay);
        }
        for (int line = first; line < first + count; line++) {
            Transform(line, coefficients, origin, clears);
            int end = line == frame.McusDown - 1 ? frame.Height : (line + 1) * McuSide - delay;
            for (; nextLine < end; nextLine++) WritePixels(line);
        }
    }

    private void Transform(int line, short[][] coefficients, int origin, bool clears) {
        for (int i = 0; i < planes.Length; i++) planes[i].Transform(line, coefficients[i], line - origin, clears);
    }

    private void WritePixels(int mcuLine) {
        ReadOnlySpan<byte> a = planes[0].Line(nextLine, mcuLine), b = default, c = default, d = default;
        if (planes.Length > 1) {
            b = planes[1].Line(nextLine, mcuLine);
            c = planes[2].Line(nextLine, mcuLine);
        }
        if (planes.Length > 3) d = planes[3].Line(nextLine, mcuLine);
        JpegColors.Write(space, a, b, c, d, picture.Pixels.AsSpan(3 * nextLine * frame.Width, 3 * frame.Width));
    }

    /// <summary>A component's samples in one line of MCUs, behind the last line of samples of the MCUs above.</summary>
    private sealed class Plane(JpegComponent component, JpegFrame frame) {
        private readonly int stride = component.BlockStride * JpegComponent.Side;
        private readonly byte[] samples =
            new byte[(component.Vertical * JpegComponent.Side + 1) * component.BlockStride * JpegComponent.Side + JpegUpsampling.Slack];

        public JpegUpsampling Upsampling { get; } = new(component, frame);

        private int Lines => component.Vertical * JpegComponent.Side;

        public void Transform(int mcuLine, short[] coefficients, int place, bool clears) {
            samples.AsSpan(Lines * stride, stride).CopyTo(samples);
            int blocks = Math.Min(component.Vertical, component.BlocksDown - mcuLine * component.Vertical);
            for (int y = 0; y < blocks; y++) {
                int from = (place * component.Vertical + y) * component.BlockStride * JpegComponent.Block;
                Span<short> line = coefficients.AsSpan(from, component.BlockStride * JpegComponent.Block);
                Span<byte> target = samples.AsSpan((1 + y * JpegComponent.Side) * stride);
                JpegInverseDct.Line(line, component.Table!, target, stride, component.BlocksAcross);
            }
            if (clears) coefficients.AsSpan(place * component.Vertical * component.BlockStride * JpegComponent.Block,
                component.Vertical * component.BlockStride * JpegComponent.Block).Clear();
        }

        /// <summary>The samples of a line of pixels.</summary>
        public ReadOnlySpan<byte> Line(int pixelLine, int mcuLine) {
            int line = pixelLine / Upsampling.Down;
            bool lower = Upsampling.Down == 2 && pixelLine % 2 == 1;
            int neighbor = Upsampling.NeedsNeighbor ? Math.Clamp(lower ? line + 1 : line - 1, 0, component.Height - 1) : line;
            return Upsampling.Line(Samples(line, mcuLine), Samples(neighbor, mcuLine), lower);
        }

        private ReadOnlySpan<byte> Samples(int line, int mcuLine) => samples.AsSpan((line - mcuLine * Lines + 1) * stride);
    }
}
