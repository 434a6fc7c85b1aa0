using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>The gradients that go by way of the columns' gradient, dy · weight, on the host. Channels are cut into ranges, each of which
/// one item owns: it spreads the columns' gradient over its channels of dx, pixel after pixel, and takes its part of the offsets' and the
/// mask's. Pixels are cut into bands, after each of which the ranges' parts are added in order.</summary>
internal readonly unsafe struct DeformGradient {
    /// <summary>Channels of a range at most: with 3×3 taps of 256 outputs, its weights and a panel of pixels stay in the second-level
    /// cache.</summary>
    private const int RangeChannels = 32;

    /// <summary>Numbers of all ranges' parts of a band, about; pixels whose columns are there at once.</summary>
    private const int BandParts = 1 << 20, PanelPixels = 168;

    private readonly DeformGeometry deform;
    private readonly float* x, offset, mask, dx;

    private DeformGradient(DeformGeometry deform, DeformInputs given, Tensor? dx) {
        this.deform = deform;
        x = given.X is null ? null : given.X.Pointer;
        offset = given.Offset.Pointer;
        mask = given.Mask is null ? null : given.Mask.Pointer;
        this.dx = dx is null ? null : dx.Pointer;
    }

    /// <summary>Channels of one convolution group that move together.</summary>
    private readonly record struct ChannelRange(int First, int Count);

    /// <summary>Fills what is wanted (not null) of the gradients of input, offsets and mask.</summary>
    public static void Run(HostDevice host, DeformGeometry deform, DeformInputs given, Tensor dy, Tensor? dx, Tensor? dOffset,
        Tensor? dMask) {
        ConvGeometry conv = deform.Conv;
        if (dx is not null) host.Fill(dx, 0);
        ChannelRange[] ranges = Ranges(deform);
        if (ranges.Length == 0 || conv.OutputPixels == 0 || conv.OutputChannels == 0) {
            if (dOffset is not null) host.Fill(dOffset, 0);
            if (dMask is not null) host.Fill(dMask, 0);
            return;
        }
        var gradient = new DeformGradient(deform, given, dx);
        int taps = conv.Taps;
        int band = Math.Min(conv.OutputPixels, Math.Max(1, BandParts / (3 * taps * ranges.Length * PanelPixels)) * PanelPixels);
        int partSize = dOffset is null && dMask is null ? 0 : 3 * band * taps;
        using var scratch = new HostScratch(host, ranges.Length, PanelPixels * taps * RangeChannels);
        using var parts = new Tensor(host, [Math.Max(1, checked(partSize * ranges.Length))]);
        var columns = new GemmColumns[ranges.Length];
        try {
            host.Workers.For(ranges.Length, i => columns[i] = Columns(host, conv, given.Weight.Pointer, ranges[i]));
            for (int first = 0; first < conv.OutputPixels; first += band) {
                int end = Math.Min(conv.OutputPixels, first + band);
                host.Workers.For(ranges.Length, new RangeLoop(host, gradient, ranges, columns, dy.Pointer, scratch, parts.Pointer, partSize,
                    first, end));
                if (partSize > 0) gradient.Join(host, ranges, parts.Pointer, partSize, first, end, dOffset, dMask);
            }
        } finally {
            foreach (GemmColumns? column in columns) column?.Dispose();
        }
    }

    /// <summary>Cuts channels where groups of either kind change, and into equal parts.</summary>
    private static ChannelRange[] Ranges(in DeformGeometry deform) {
        var ranges = new List<ChannelRange>();
        int group = deform.Conv.GroupChannels, together = deform.OffsetChannels;
        for (int first = 0; first < deform.Conv.Channels;) {
            int until = Math.Min((first / group + 1) * group, (first / together + 1) * together);
            int parts = (until - first + RangeChannels - 1) / RangeChannels;
            for (int part = parts; part > 0; part--) {
                int count = (until - first + part - 1) / part;
                ranges.Add(new(first, count));
                first += count;
            }
        }
        return [.. ranges];
    }

    /// <summary>A range's weights as the right side of the product with dy: a line for each output, [tap][channel].</summary>
    private static GemmColumns Columns(HostDevice host, in ConvGeometry conv, float* weight, ChannelRange range) {
        int group = range.First / conv.GroupChannels, channel = range.First - group * conv.GroupChannels, width = conv.Taps * range.Count;
        using var lines = new Tensor(host, [conv.GroupOutputs * width]);
        float* from = weight + (nint)group * conv.GroupOutputs * conv.PatchSize + channel, to = lines.Pointer;
        for (int i = 0; i < conv.GroupOutputs * conv.Taps; i++, from += conv.GroupChannels, to += range.Count)
            Copy.Run(from, to, range.Count);
        return new GemmColumns(host, GemmKernel.Best, conv.GroupOutputs, width).FromRows(lines.Pointer, width, 0, conv.GroupOutputs);
    }

    private readonly struct RangeLoop(HostDevice host, DeformGradient gradient, ChannelRange[] ranges, GemmColumns[] columns, float* dy,
        HostScratch scratch, float* parts, int partSize, int first, int end) : ILoopBody {
        public void Run(int item, int slot) {
            ConvGeometry conv = gradient.deform.Conv;
            int group = ranges[item].First / conv.GroupChannels, width = columns[item].N;
            for (int pixel = first; pixel < end; pixel += PanelPixels) {
                int count = Math.Min(PanelPixels, end - pixel);
                var rows = new MatrixRows(dy + (nint)pixel * conv.OutputChannels + group * conv.GroupOutputs, conv.OutputChannels);
                Gemm.Run(host, rows, count, columns[item], null, false, new GemmOutput(scratch[slot], width));
                gradient.Spread(ranges[item], scratch[slot], pixel, count,
                    partSize == 0 ? null : parts + (nint)item * partSize + (pixel - first) * conv.Taps * 3);
            }
        }
    }

    /// <summary>Takes a panel of the columns' gradient: adds to dx, and writes the parts of each sample's gradients (down, across,
    /// mask).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(ChannelRange range, float* columns, int firstPixel, int pixels, float* part) {
        ref readonly ConvGeometry conv = ref deform.Conv;
        nint right = conv.Channels, below = (nint)conv.Width * conv.Channels;
        for (int pixel = firstPixel; pixel < firstPixel + pixels; pixel++) {
            int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
            int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
            int sample = deform.Sample(pixel, range.First, 0);
            for (int tap = 0; tap < conv.Taps; tap++, sample++, columns += range.Count) {
                DeformSpot spot = deform.Spot(oy, ox, tap, offset[2 * sample], offset[2 * sample + 1]);
                float scale = mask == null ? 1 : mask[sample];
                nint corner = (((nint)image * conv.Height + spot.Y) * conv.Width + spot.X) * conv.Channels + range.First;
                if (part != null) {
                    float* seen = x + corner;
                    float a = (spot.Corners & 1) == 0 ? 0 : Channels.Dot(columns, seen, range.Count);
                    float b = (spot.Corners & 2) == 0 ? 0 : Channels.Dot(columns, seen + right, range.Count);
                    float c = (spot.Corners & 4) == 0 ? 0 : Channels.Dot(columns, seen + below, range.Count);
                    float d = (spot.Corners & 8) == 0 ? 0 : Channels.Dot(columns, seen + below + right, range.Count);
                    part[0] = scale * spot.SlopeDown(a, b, c, d);
                    part[1] = scale * spot.SlopeAcross(a, b, c, d);
                    part[2] = spot.Between(a, b, c, d);
                    part += 3;
                }
                if (dx == null || spot.Corners == 0) continue;
                float* to = dx + corner;
                if ((spot.Corners & 1) != 0) Channels.Add(columns, spot.UpperLeft * scale, to, range.Count);
                if ((spot.Corners & 2) != 0) Channels.Add(columns, spot.UpperRight * scale, to + right, range.Count);
                if ((spot.Corners & 4) != 0) Channels.Add(columns, spot.LowerLeft * scale, to + below, range.Count);
                if ((spot.Corners & 8) != 0) Channels.Add(columns, spot.LowerRight * scale, to + below + right, range.Count);
            }
        }
    }

    /// <summary>Adds the parts of the ranges that move together, in order.</summary>
    private void Join(HostDevice host, ChannelRange[] ranges, float* parts, int partSize, int first, int end, Tensor? dOffset,
        Tensor? dMask) {
        DeformGeometry geometry = deform;
        float* offsets = dOffset is null ? null : dOffset.Pointer, masks = dMask is null ? null : dMask.Pointer;
        host.Workers.ForRange(end - first, 256, (from, until) => {
            int taps = geometry.Conv.Taps, together = geometry.OffsetChannels;
            for (int i = 0; i < ranges.Length; i++) {
                bool begins = ranges[i].First % together == 0;
                float* part = parts + (nint)i * partSize + from * taps * 3;
                for (int pixel = first + from; pixel < first + until; pixel++) {
                    int sample = geometry.Sample(pixel, ranges[i].First, 0);
                    for (int tap = 0; tap < taps; tap++, sample++, part += 3) {
                        if (offsets != null) {
                            offsets[2 * sample] = part[0] + (begins ? 0 : offsets[2 * sample]);
                            offsets[2 * sample + 1] = part[1] + (begins ? 0 : offsets[2 * sample + 1]);
                        }
                        if (masks != null) masks[sample] = part[2] + (begins ? 0 : masks[sample]);
                    }
                }
            }
        });
    }
}
