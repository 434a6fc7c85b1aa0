using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a convolution's weights see: a row is a tap and an input channel of the group, as in the weight, an inner place an output
/// pixel.</summary>
internal struct PixelSide(ConvGeometry conv) : ITileSide {
    private readonly int inputs = conv.GroupChannels, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;
    private int inner, image, oy, ox;

    public readonly bool AlongInner => false;

    public readonly int Vectors => vectors;

    /// <summary>Where four rows may be of two taps, a row is just its number and its group's first channel.</summary>
    public readonly TileRow Row(int batch, int row) {
        if (vectors == 0) return new(row, batch * inputs);
        if (row >= conv.PatchSize) return new(0, TileRow.Outside);
        int tap = row / inputs, ky = tap / conv.KernelWidth;
        int down = ky * conv.DilationY, over = (tap - ky * conv.KernelWidth) * conv.DilationX;
        return new((down * conv.Width + over) * conv.Channels + batch * inputs + row - tap * inputs, down, over);
    }

    public void Go(int inner) {
        this.inner = inner;
        int line = inner / conv.OutputWidth;
        ox = inner - line * conv.OutputWidth;
        image = line / conv.OutputHeight;
        oy = line - image * conv.OutputHeight;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        int top = conv.InputRow(oy, 0), start = conv.InputColumn(ox, 0);
        int at = ((image * conv.Height + top) * conv.Width + start) * conv.Channels;
        if (inner < end & (uint)(top + row.Top) < (uint)conv.Height & (uint)(start + row.Start) < (uint)conv.Width)
            result = values.Cast<Float4>()[(at + row.At) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (vectors != 0) {
            result = LoadFour(values, row, end);
        } else if (inner < end) {
            // One after the other: as long as this is rare, it shall need no registers of its own.
            for (int further = 0; further < 4; further++) {
                result.X = result.Y;
                result.Y = result.Z;
                result.Z = result.W;
                result.W = One(values, row, further);
            }
        }
        return result;
    }

    /// <summary>The value of a row further down.</summary>
    private readonly float One(ArrayView<float> values, TileRow first, int further) {
        float result = 0;
        int row = first.At + further, tap = row / inputs, ky = tap / conv.KernelWidth;
        int iy = conv.InputRow(oy, ky), ix = conv.InputColumn(ox, tap - ky * conv.KernelWidth);
        if (row < conv.PatchSize & (uint)iy < (uint)conv.Height & (uint)ix < (uint)conv.Width)
            result = values[((image * conv.Height + iy) * conv.Width + ix) * conv.Channels + first.Top + row - tap * inputs];
        return result;
    }

    public void Advance(int places) {
        inner += places;
        ox += places;
        while (ox >= conv.OutputWidth) {
            ox -= conv.OutputWidth;
            oy++;
            if (oy == conv.OutputHeight) {
                oy = 0;
                image++;
            }
        }
    }
}
