using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a convolution's outputs see: a row is an output pixel, an inner place a tap and an input channel of the group, as in the
/// weight.</summary>
internal struct PatchSide(ConvGeometry conv) : ITileSide {
    private readonly int inputs = conv.GroupChannels, vectors = conv.GroupChannels % 4 == 0 ? 1 : 0;

    // The tap is as far down and over from a patch's first as it takes; offset is the way there in memory.
    private int inner, channel, down, over, offset;

    public readonly bool AlongInner => true;

    public readonly int Vectors => vectors;

    public readonly TileRow Row(int batch, int row) {
        if (row >= conv.OutputPixels) return new(0, TileRow.Outside);
        int line = row / conv.OutputWidth, image = line / conv.OutputHeight;
        int top = conv.InputRow(line - image * conv.OutputHeight, 0), start = conv.InputColumn(row - line * conv.OutputWidth, 0);
        return new(((image * conv.Height + top) * conv.Width + start) * conv.Channels + batch * inputs, top, start);
    }

    public void Go(int inner) {
        this.inner = inner;
        int tap = inner / inputs, ky = tap / conv.KernelWidth;
        channel = inner - tap * inputs;
        down = ky * conv.DilationY;
        over = (tap - ky * conv.KernelWidth) * conv.DilationX;
        offset = (down * conv.Width + over) * conv.Channels + channel;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (IsThere(row, end)) result = values.Cast<Float4>()[(row.At + offset) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (vectors != 0) return LoadFour(values, row, end);
        PatchSide place = this;
        if (place.IsThere(row, end)) result.X = values[row.At + place.offset];
        place.Advance(1);
        if (place.IsThere(row, end)) result.Y = values[row.At + place.offset];
        place.Advance(1);
        if (place.IsThere(row, end)) result.Z = values[row.At + place.offset];
        place.Advance(1);
        if (place.IsThere(row, end)) result.W = values[row.At + place.offset];
        return result;
    }

    private readonly bool IsThere(TileRow row, int end) =>
        inner < end & (uint)(row.Top + down) < (uint)conv.Height & (uint)(row.Start + over) < (uint)conv.Width;

    public void Advance(int places) {
        inner += places;
        channel += places;
        offset += places;
        while (channel >= inputs) {
            channel -= inputs;
            over += conv.DilationX;
            if (over == conv.KernelWidth * conv.DilationX) {
                over = 0;
                down += conv.DilationY;
            }
            offset = (down * conv.Width + over) * conv.Channels + channel;
        }
    }
}
