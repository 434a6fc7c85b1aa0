using ILGPU;

namespace DenseEngine.Ops;

/// <summary>The outputs that see a convolution's inputs: a row is an input pixel, an inner place a tap and an output channel of the
/// group. Zero where no output sees the pixel through the tap.</summary>
internal struct ReaderSide(ConvGeometry conv) : ITileSide {
    private readonly int outputs = conv.GroupOutputs, vectors = conv.GroupOutputs % 4 == 0 ? 1 : 0;
    private int picture, inner, top, start, channel, ky, kx;

    public readonly bool AlongInner => true;

    public void Begin(int batch, int row, int inner) {
        this.inner = row < conv.Images * conv.Height * conv.Width ? inner : int.MaxValue - Op.TileStep;
        int line = row / conv.Width, image = line / conv.Height;
        picture = image * conv.OutputHeight * conv.OutputWidth * conv.OutputChannels + batch * outputs;
        top = line - image * conv.Height + conv.PaddingY;
        start = row - line * conv.Width + conv.PaddingX;
        int tap = inner / outputs;
        channel = inner - tap * outputs;
        ky = tap / conv.KernelWidth;
        kx = tap - ky * conv.KernelWidth;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (inner >= end) return result;
        if (vectors != 0) {
            int at = Place();
            if (at >= 0) result = values.Cast<Float4>()[at >> 2];
            Advance(Op.TileStep);
        } else {
            result.X = Next(values, end);
            result.Y = Next(values, end);
            result.Z = Next(values, end);
            result.W = Next(values, end);
            Advance(Op.TileStep - 4);
        }
        return result;
    }

    private float Next(ArrayView<float> values, int end) {
        float result = 0;
        int at = inner < end ? Place() : -1;
        if (at >= 0) result = values[at];
        Advance(1);
        return result;
    }

    /// <summary>Where the output stands; -1 if there is none.</summary>
    private readonly int Place() {
        int y = top - ky * conv.DilationY, x = start - kx * conv.DilationX, oy = y, ox = x;
        if (conv.StrideY != 1) oy = y / conv.StrideY;
        if (conv.StrideX != 1) ox = x / conv.StrideX;
        return y >= 0 && x >= 0 && oy * conv.StrideY == y && ox * conv.StrideX == x && oy < conv.OutputHeight && ox < conv.OutputWidth
            ? picture + (oy * conv.OutputWidth + ox) * conv.OutputChannels + channel
            : -1;
    }

    private void Advance(int places) {
        inner += places;
        channel += places;
        while (channel >= outputs) {
            channel -= outputs;
            kx++;
            if (kx == conv.KernelWidth) {
                kx = 0;
                ky++;
            }
        }
    }
}
