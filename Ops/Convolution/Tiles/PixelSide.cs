using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a convolution's weights see: a row is a tap and an input channel of the group, as in the weight, an inner place an output
/// pixel.</summary>
internal struct PixelSide(ConvGeometry conv) : ITileSide {
    private readonly int inputs = conv.GroupChannels, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;
    private int row, inner, first, channel, ky, kx, image, oy, ox;

    public readonly bool AlongInner => false;

    public void Begin(int batch, int row, int inner) {
        (this.row, this.inner, first) = (row, inner, batch * inputs);
        int tap = row / inputs, line = inner / conv.OutputWidth;
        channel = row - tap * inputs;
        ky = tap / conv.KernelWidth;
        kx = tap - ky * conv.KernelWidth;
        ox = inner - line * conv.OutputWidth;
        image = line / conv.OutputHeight;
        oy = line - image * conv.OutputHeight;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        int left = conv.PatchSize - row;
        if (left > 0 && inner < end) {
            if (vectors != 0) {
                int at = Place(channel, ky, kx);
                if (at >= 0) result = values.Cast<Float4>()[at >> 2];
            } else {
                result.X = One(values, 0);
                if (left > 1) result.Y = One(values, 1);
                if (left > 2) result.Z = One(values, 2);
                if (left > 3) result.W = One(values, 3);
            }
        }
        inner += Op.TileStep;
        ox += Op.TileStep;
        while (ox >= conv.OutputWidth) {
            ox -= conv.OutputWidth;
            oy++;
            if (oy == conv.OutputHeight) {
                oy = 0;
                image++;
            }
        }
        return result;
    }

    /// <summary>The value of a row further down.</summary>
    private readonly float One(ArrayView<float> values, int further) {
        int tap = (row + further) / inputs, y = tap / conv.KernelWidth;
        int at = Place(row + further - tap * inputs, y, tap - y * conv.KernelWidth);
        float result = 0;
        if (at >= 0) result = values[at];
        return result;
    }

    private readonly int Place(int channel, int ky, int kx) {
        int iy = conv.InputRow(oy, ky), ix = conv.InputColumn(ox, kx);
        return iy >= 0 && iy < conv.Height && ix >= 0 && ix < conv.Width
            ? ((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + first + channel
            : -1;
    }
}
