using ILGPU;

namespace DenseEngine.Ops;

/// <summary>What a grid of pixels sees of a map through taps: a row is a pixel of the grid, an inner place a tap and a channel of the
/// group. Zero where the map ends.</summary>
internal struct TapSide : ITileSide {
    // The map, and how many channels of it the group has.
    private readonly int height, width, pitch, channels, vectors;

    // The grid: its pixels see through their first tap the map's pixels a stride apart, from an offset on.
    private readonly int images, gridHeight, gridWidth, strideY, strideX, offsetY, offsetX;

    // From a tap to the next one down and to its right; where those to the right end.
    private readonly int stepY, stepX, endX;

    // The tap is as far down and over from the first as it takes; place is the way there in memory.
    private int inner, channel, down, over, place;

    /// <summary>What a convolution's outputs see of its input.</summary>
    public TapSide(in ConvGeometry conv) {
        (height, width, pitch, channels) = (conv.Height, conv.Width, conv.Channels, conv.GroupChannels);
        (images, gridHeight, gridWidth) = (conv.Images, conv.OutputHeight, conv.OutputWidth);
        (strideY, strideX, offsetY, offsetX) = (conv.StrideY, conv.StrideX, -conv.PaddingY, -conv.PaddingX);
        (stepY, stepX, endX) = (conv.DilationY, conv.DilationX, conv.KernelWidth * conv.DilationX);
        vectors = channels % 4 == 0 ? 1 : 0;
    }

    /// <summary>The outputs that see a phase of a convolution's input: further taps see earlier ones.</summary>
    public TapSide(in ConvGeometry conv, in ConvPhase phase) {
        (height, width, pitch, channels) = (conv.OutputHeight, conv.OutputWidth, conv.OutputChannels, Math.Max(1, conv.GroupOutputs));
        (images, gridHeight, gridWidth) = (conv.Images, phase.Down.Count, phase.Across.Count);
        (strideY, strideX, offsetY, offsetX) = (1, 1, phase.Down.Offset, phase.Across.Offset);
        // A phase that no tap sees has no inner places; its step is for nothing then, but for the division by it.
        (stepY, stepX) = (-phase.Down.Back, -phase.Across.Back);
        endX = Math.Max(1, phase.Across.Taps) * stepX;
        vectors = channels % 4 == 0 ? 1 : 0;
    }

    public readonly bool AlongInner => true;

    public readonly int Vectors => vectors;

    public readonly TileRow Row(int batch, int row) {
        int line = row / gridWidth, image = line / gridHeight;
        if (image >= images) return new(0, TileRow.Outside);
        int top = (line - image * gridHeight) * strideY + offsetY, start = (row - line * gridWidth) * strideX + offsetX;
        return new(((image * height + top) * width + start) * pitch + batch * channels, top, start);
    }

    public void Go(int inner) {
        this.inner = inner;
        int tap = inner / channels, across = endX / stepX, ky = tap / across;
        channel = inner - tap * channels;
        down = ky * stepY;
        over = (tap - ky * across) * stepX;
        place = (down * width + over) * pitch + channel;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (IsThere(row, end)) result = values.Cast<Float4>()[(row.At + place) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (vectors != 0) return LoadFour(values, row, end);
        TapSide side = this;
        if (side.IsThere(row, end)) result.X = values[row.At + side.place];
        side.Advance(1);
        if (side.IsThere(row, end)) result.Y = values[row.At + side.place];
        side.Advance(1);
        if (side.IsThere(row, end)) result.Z = values[row.At + side.place];
        side.Advance(1);
        if (side.IsThere(row, end)) result.W = values[row.At + side.place];
        return result;
    }

    private readonly bool IsThere(TileRow row, int end) =>
        inner < end & (uint)(row.Top + down) < (uint)height & (uint)(row.Start + over) < (uint)width;

    public void Advance(int places) {
        inner += places;
        channel += places;
        place += places;
        while (channel >= channels) {
            channel -= channels;
            over += stepX;
            if (over == endX) {
                over = 0;
                down += stepY;
            }
            place = (down * width + over) * pitch + channel;
        }
    }
}
