using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a convolution's outputs see: a row is an output pixel, an inner place a tap and an input channel of the group, as in the
/// weight.</summary>
internal struct PatchSide(ConvGeometry conv) : ITileSide {
    private readonly int inputs = conv.GroupChannels, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;
    private int picture, inner, top, start, channel, ky, kx;

    public readonly bool AlongInner => true;

    public void Begin(int batch, int row, int inner) {
        this.inner = row < conv.OutputPixels ? inner : int.MaxValue - Op.TileStep;
        int line = row / conv.OutputWidth, image = line / conv.OutputHeight;
        picture = image * conv.Height * conv.Width * conv.Channels + batch * inputs;
        top = conv.InputRow(line - image * conv.OutputHeight, 0);
        start = conv.InputColumn(row - line * conv.OutputWidth, 0);
        int tap = inner / inputs;
        channel = inner - tap * inputs;
        ky = tap / conv.KernelWidth;
        kx = tap - ky * conv.KernelWidth;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (inner >= end) return result;
        if (vectors != 0) {
            int iy = top + ky * conv.DilationY, ix = start + kx * conv.DilationX;
            if (iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width)
                result = values.Cast<Float4>()[(picture + (iy * conv.Width + ix) * conv.Channels + channel) >> 2];
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
        int iy = top + ky * conv.DilationY, ix = start + kx * conv.DilationX;
        if (inner < end && iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width)
            result = values[picture + (iy * conv.Width + ix) * conv.Channels + channel];
        Advance(1);
        return result;
    }

    private void Advance(int places) {
        inner += places;
        channel += places;
        while (channel >= inputs) {
            channel -= inputs;
            kx++;
            if (kx == conv.KernelWidth) {
                kx = 0;
                ky++;
            }
        }
    }
}
