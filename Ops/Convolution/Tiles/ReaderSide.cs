using ILGPU;

namespace DenseEngine.Ops;

/// <summary>The outputs that see a convolution's inputs: a row is an input pixel of a phase, an inner place one of its taps and an output
/// channel of the group. Zero where the output lies outside.</summary>
internal struct ReaderSide(ConvGeometry conv, ConvPhase phase) : ITileSide {
    // A phase that no tap sees has no inner places; the divisions below are for nothing then.
    private readonly int outputs = Math.Max(1, conv.GroupOutputs), across = Math.Max(1, phase.Across.Taps),
        vectors = conv.GroupOutputs % 4 == 0 ? 1 : 0;

    // The output is as far up and back from the first tap's as it takes; offset is the way there in memory.
    private int inner, channel, up, back, offset;

    public readonly bool AlongInner => true;

    public readonly int Vectors => vectors;

    public readonly TileRow Row(int batch, int row) {
        int height = phase.Down.Count, width = phase.Across.Count, line = row / width, image = line / height;
        if (image >= conv.Images) return new(0, TileRow.Outside);
        int top = line - image * height + phase.Down.Offset, start = row - line * width + phase.Across.Offset;
        return new(((image * conv.OutputHeight + top) * conv.OutputWidth + start) * conv.OutputChannels + batch * outputs, top, start);
    }

    public void Go(int inner) {
        this.inner = inner;
        int tap = inner / outputs, ky = tap / across;
        channel = inner - tap * outputs;
        up = ky * phase.Down.Back;
        back = (tap - ky * across) * phase.Across.Back;
        offset = channel - (up * conv.OutputWidth + back) * conv.OutputChannels;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (IsThere(row, end)) result = values.Cast<Float4>()[(row.At + offset) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (vectors != 0) return LoadFour(values, row, end);
        ReaderSide place = this;
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
        inner < end & (uint)(row.Top - up) < (uint)conv.OutputHeight & (uint)(row.Start - back) < (uint)conv.OutputWidth;

    public void Advance(int places) {
        inner += places;
        channel += places;
        offset += places;
        while (channel >= outputs) {
            channel -= outputs;
            back += phase.Across.Back;
            if (back == across * phase.Across.Back) {
                back = 0;
                up += phase.Down.Back;
            }
            offset = channel - (up * conv.OutputWidth + back) * conv.OutputChannels;
        }
    }
}
