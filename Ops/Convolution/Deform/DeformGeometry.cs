namespace DenseEngine.Ops;

/// <summary>Sizes of a deformable convolution and where its samples lie: a convolution's, with offsets [N, H', W', 2·samples] and a mask
/// [N, H', W', samples] for each pixel's samples (offset group, tap). Shared by the host path and the kernels.</summary>
internal readonly struct DeformGeometry {
    /// <summary>The convolution at offsets of zero.</summary>
    public readonly ConvGeometry Conv;

    /// <summary>Groups of input channels that move together, whatever the convolution's groups.</summary>
    public readonly int OffsetGroups;

    private DeformGeometry(ConvGeometry conv, int offsetGroups) => (Conv, OffsetGroups) = (conv, offsetGroups);

    /// <summary>Input channels that move together.</summary>
    public int OffsetChannels => Conv.Channels / OffsetGroups;

    /// <summary>Neighbouring input channels that move together and belong to one group of the convolution.</summary>
    public int RunChannels {
        get {
            int run = OffsetChannels, rest = Conv.GroupChannels;
            while (rest != 0) (run, rest) = (rest, run % rest);
            return run;
        }
    }

    /// <summary>Samples of an output pixel.</summary>
    public int PixelSamples => OffsetGroups * Conv.Taps;

    /// <summary>All samples.</summary>
    public int Samples => Conv.OutputPixels * PixelSamples;

    /// <summary>The shape of the offsets.</summary>
    public Shape OffsetShape => [Conv.Images, Conv.OutputHeight, Conv.OutputWidth, 2 * PixelSamples];

    /// <summary>The shape of the mask.</summary>
    public Shape MaskShape => [Conv.Images, Conv.OutputHeight, Conv.OutputWidth, PixelSamples];

    /// <summary>The number of a sample: where its mask stands; its offsets stand at twice that, the vertical one first.</summary>
    public int Sample(int pixel, int channel, int tap) => pixel * PixelSamples + channel / OffsetChannels * Conv.Taps + tap;

    /// <summary>Where a tap of an output pixel looks when moved.</summary>
    public DeformSpot Spot(int oy, int ox, int tap, float down, float across) {
        int ky = tap / Conv.KernelWidth;
        float y = Conv.InputRow(oy, ky) + down, x = Conv.InputColumn(ox, tap - ky * Conv.KernelWidth) + across;
        return new(y, x, Conv.Height, Conv.Width);
    }

    /// <summary>The same for an output pixel by its number.</summary>
    public DeformSpot Spot(int pixel, int tap, float down, float across) {
        int line = pixel / Conv.OutputWidth;
        return Spot(line % Conv.OutputHeight, pixel - line * Conv.OutputWidth, tap, down, across);
    }

    /// <summary>The picture of an output pixel.</summary>
    public int Image(int pixel) => pixel / (Conv.OutputHeight * Conv.OutputWidth);

    /// <summary>Where the input's pixel at a spot's upper left corner begins; not for use where that is off the map.</summary>
    public int Corner(int pixel, DeformSpot spot) => ((Image(pixel) * Conv.Height + spot.Y) * Conv.Width + spot.X) * Conv.Channels;

    /// <summary>Where a sample's channel stands among columns [pixel][group][tap][channel].</summary>
    public int Column(int pixel, int channel, int tap) {
        int group = channel / Conv.GroupChannels;
        return (pixel * Conv.Groups + group) * Conv.PatchSize + tap * Conv.GroupChannels + channel - group * Conv.GroupChannels;
    }

    /// <summary>Cells between four pixels, those across the borders included, of a picture and all its offset groups.</summary>
    public int ImageCells => OffsetGroups * (Conv.Height + 1) * (Conv.Width + 1);

    /// <summary>The number of the cell whose upper left corner is at a line and column, from -1.</summary>
    public int Cell(int image, int offsetGroup, int y, int x) =>
        ((image * OffsetGroups + offsetGroup) * (Conv.Height + 1) + y + 1) * (Conv.Width + 1) + x + 1;

    /// <summary>The geometry of a call, after checking it.</summary>
    public static DeformGeometry Of(string op, Tensor x, Tensor offset, Tensor weight, Tensor? mask, Tensor? bias, Pair stride,
        Pair padding,
        Pair dilation, int groups, int offsetGroups) {
        var conv = ConvGeometry.Of(op, x, weight, bias, stride, padding, dilation, groups);
        Check.SameDevice(op, x, offset, mask);
        Check.That(offsetGroups > 0 && conv.Channels % offsetGroups == 0,
            $"{op}: the {conv.Channels} channels of input {x.Shape} cannot be divided into {offsetGroups} offset groups.");
        var deform = new DeformGeometry(conv, offsetGroups);
        Check.Shape(op, "offset", Check.Type(op, "offset", offset, DType.Float32), deform.OffsetShape);
        if (mask is not null) Check.Shape(op, "mask", Check.Type(op, "mask", mask, DType.Float32), deform.MaskShape);
        return deform;
    }
}
