using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>3×3 convolutions of stride 1 by F(4×4, 3×3) on the device: windows of x are transformed, 36 products take the place of one, and
/// tiles of y are transformed back. Channels are multiples of four.</summary>
public static partial class Op {
    private static readonly object WinogradKey = nameof(WinogradForward), WinogradBackKey = nameof(WinogradInputGradient);

    private static void WinogradForward(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor weight, Tensor y, Ending ending) {
        using Packed<Tensor> packed = WinogradWeight(gpu, conv, weight, back: false);
        WinogradGpu(gpu, WinogradMap.Forward(conv), x, packed.Value,
            new RowsSide(conv.OutputChannels, conv.Channels, 0, conv.OutputChannels * conv.Channels), y, ending);
    }

    private static void WinogradInputGradient(GpuDevice gpu, ConvGeometry conv, Tensor dy, Tensor weight, Tensor dx, Ending ending) {
        using Packed<Tensor> packed = WinogradWeight(gpu, conv, weight, back: true);
        WinogradGpu(gpu, WinogradMap.Back(conv), dy, packed.Value,
            new ColumnsSide(conv.Channels, conv.Channels, 0, conv.OutputChannels * conv.Channels), dx, ending);
    }

    /// <summary>The weight's gradient: for each point the tiles' outer products, summed, transformed back at the end.</summary>
    private static void WinogradWeightGradient(GpuDevice gpu, ConvGeometry conv, Tensor x, Tensor dy, Tensor dWeight) {
        int inputs = conv.Channels, outputs = conv.OutputChannels;
        var map = WinogradMap.Forward(conv);
        var parts = new WinogradParts(map.Tiles, inputs + outputs);
        using Tensor windows = Points(gpu, parts.Largest * inputs), tiles = Points(gpu, parts.Largest * outputs),
            sums = Points(gpu, outputs * inputs);
        foreach ((int first, int count) in parts.All()) {
            TransformWindows(gpu, map, windows, x, first, count);
            gpu.Kernel(WinogradTileKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, WinogradMap, int,
                int, int>(WinogradTileKernel))(count * (outputs / 4), gpu.Floats(tiles), gpu.Floats(dy), map, outputs, first, count);
            var to = new TileOutput(outputs, inputs, count, WinogradTransforms.Points, 0, inputs, outputs * inputs);
            TiledProduct(gpu, to, sums, tiles, new ColumnsSide(outputs, outputs, 0, count * outputs), windows,
                new ColumnsSide(inputs, inputs, 0, count * inputs), first > 0 ? new Ending(Added: sums) : Ending.None);
        }
        gpu.Kernel(WinogradWeightGradientKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int>(
            WinogradWeightGradientKernel))(outputs * inputs / 4, gpu.Floats(dWeight), gpu.Floats(sums), inputs);
    }

    /// <summary>y = conv(x), and what follows: all steps, some tiles at a time.</summary>
    private static void WinogradGpu<TRight>(GpuDevice gpu, WinogradMap map, Tensor x, Tensor weight, TRight rightSide, Tensor y,
        Ending ending) where TRight : unmanaged, ITileSide {
        int inputs = x.Shape[3], outputs = y.Shape[3];
        var parts = new WinogradParts(map.Tiles, inputs + outputs);
        using Tensor windows = Points(gpu, parts.Largest * inputs), products = Points(gpu, parts.Largest * outputs);
        foreach ((int first, int count) in parts.All()) {
            TransformWindows(gpu, map, windows, x, first, count);
            var to = new TileOutput(count, outputs, inputs, WinogradTransforms.Points, 0, outputs, count * outputs);
            TiledProduct(gpu, to, products, windows, new RowsSide(count, inputs, 0, count * inputs), weight, rightSide, Ending.None);
            gpu.Kernel(WinogradOutputKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, ArrayView<float>, TileEnding, WinogradMap, int, int, int>(WinogradOutputKernel))
                (count * (outputs / 4), gpu.Floats(y), gpu.Floats(products), View(gpu, ending.Shift), View(gpu, ending.Scale),
                View(gpu, ending.Added), ending.Steps, map, outputs, first, count);
        }
    }

    private static Tensor Points(GpuDevice gpu, int numbers) => new(gpu, [checked(WinogradTransforms.Points * numbers)]);

    private static void TransformWindows(GpuDevice gpu, WinogradMap map, Tensor to, Tensor x, int first, int count) {
        int channels = x.Shape[3];
        gpu.Kernel(WinogradInputKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, WinogradMap, int,
            int, int>(WinogradInputKernel))(count * (channels / 4), gpu.Floats(to), gpu.Floats(x), map, channels, first, count);
    }

    /// <summary>The transformed weight, [36][outputs][inputs], kept as <see cref="Packed"/> keeps the host's; for the input's gradient of
    /// the taps turned round.</summary>
    private static Packed<Tensor> WinogradWeight(GpuDevice gpu, ConvGeometry conv, Tensor weight, bool back) {
        Tensor Transform() {
            Tensor made = Points(gpu, conv.OutputChannels * conv.Channels).Persist();
            gpu.Kernel(WinogradWeightKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>, int, int>(
                WinogradWeightKernel))(conv.OutputChannels * conv.Channels / 4, gpu.Floats(made), gpu.Floats(weight), conv.Channels,
                back ? 1 : 0);
            return made;
        }
        object key = back ? WinogradBackKey : WinogradKey;
        return NoGrad.IsRecording || back ? new(Transform(), false) : new(weight.Derived(key, Transform), true);
    }

    /// <summary>Four channels of a window a thread: Bᵀ d B, columns first. Point p goes p · count pixels on.</summary>
    internal static void WinogradInputKernel(Index1D i, ArrayView<float> transformed, ArrayView<float> x, WinogradMap map, int channels,
        int first, int count) {
        int lanes = channels >> 2, inPart = i / lanes;
        (int image, int line, int column) = map.Place(first + inPart);
        line -= map.PaddingY;
        column -= map.PaddingX;
        ArrayView<Float4> values = x.Cast<Float4>();
        int below = map.Width * lanes, at = (image * map.Height + line) * below + column * lanes + i - inPart * lanes;
        int lines = Inside(line, map.Height);
        FourLine a = Column(values, at, below, lines, column, map.Width),
            b = Column(values, at + lanes, below, lines, column + 1, map.Width),
            c = Column(values, at + 2 * lanes, below, lines, column + 2, map.Width),
            d = Column(values, at + 3 * lanes, below, lines, column + 3, map.Width),
            e = Column(values, at + 4 * lanes, below, lines, column + 4, map.Width),
            f = Column(values, at + 5 * lanes, below, lines, column + 5, map.Width);
        TransformWindow(ref a);
        TransformWindow(ref b);
        TransformWindow(ref c);
        TransformWindow(ref d);
        TransformWindow(ref e);
        TransformWindow(ref f);
        ArrayView<Float4> to = transformed.Cast<Float4>();
        int step = count * lanes;
        WindowLine(to, i, step, a.A, b.A, c.A, d.A, e.A, f.A);
        WindowLine(to, i + 6 * step, step, a.B, b.B, c.B, d.B, e.B, f.B);
        WindowLine(to, i + 12 * step, step, a.C, b.C, c.C, d.C, e.C, f.C);
        WindowLine(to, i + 18 * step, step, a.D, b.D, c.D, d.D, e.D, f.D);
        WindowLine(to, i + 24 * step, step, a.E, b.E, c.E, d.E, e.E, f.E);
        WindowLine(to, i + 30 * step, step, a.F, b.F, c.F, d.F, e.F, f.F);
    }

    /// <summary>Which of six lines from one on there are, as bits.</summary>
    private static int Inside(int line, int height) {
        int lines = 63;
        if (line < 0) lines &= 63 << -line;
        if (line + 6 > height) lines &= 63 >> (line + 6 - height);
        return lines;
    }

    /// <summary>A column of a window, zero outside the picture. A column's loads wait for nothing, so those of all columns are on their way
    /// together.</summary>
    private static FourLine Column(ArrayView<Float4> values, int at, int below, int lines, int column, int width) {
        FourLine x = default;
        if ((uint)column >= (uint)width) lines = 0;
        if ((lines & 1) != 0) x.A = values[at];
        if ((lines & 2) != 0) x.B = values[at + below];
        if ((lines & 4) != 0) x.C = values[at + 2 * below];
        if ((lines & 8) != 0) x.D = values[at + 3 * below];
        if ((lines & 16) != 0) x.E = values[at + 4 * below];
        if ((lines & 32) != 0) x.F = values[at + 5 * below];
        return x;
    }

    private static void TransformWindow(ref FourLine x) =>
        WinogradLines.Input<Float4, KernelLanes>(ref x.A, ref x.B, ref x.C, ref x.D, ref x.E, ref x.F);

    private static void WindowLine(ArrayView<Float4> to, int at, int step, Float4 x0, Float4 x1, Float4 x2, Float4 x3, Float4 x4,
        Float4 x5) {
        WinogradLines.Input<Float4, KernelLanes>(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5);
        Put(to, at, step, x0, x1, x2, x3, x4, x5);
    }

    private static void Put(ArrayView<Float4> to, int at, int step, Float4 x0, Float4 x1, Float4 x2, Float4 x3, Float4 x4, Float4 x5) {
        to[at] = x0;
        to[at + step] = x1;
        to[at + 2 * step] = x2;
        to[at + 3 * step] = x3;
        to[at + 4 * step] = x4;
        to[at + 5 * step] = x5;
    }

    /// <summary>Four channels of a tile a thread: Aᵀ m A, columns first, and what follows.</summary>
    internal static void WinogradOutputKernel(Index1D i, ArrayView<float> y, ArrayView<float> products, ArrayView<float> shift,
        ArrayView<float> scale, ArrayView<float> added, TileEnding ending, WinogradMap map, int channels, int first, int count) {
        int lanes = channels >> 2, inPart = i / lanes, channel = (i - inPart * lanes) * 4, step = count * lanes;
        ArrayView<Float4> values = products.Cast<Float4>();
        FourLine a = ProductColumn(values, i, step), b = ProductColumn(values, i + step, step),
            c = ProductColumn(values, i + 2 * step, step), d = ProductColumn(values, i + 3 * step, step),
            e = ProductColumn(values, i + 4 * step, step), f = ProductColumn(values, i + 5 * step, step);
        (int image, int line, int column) = map.Place(first + inPart);
        int below = map.OutputWidth * channels, at = (image * map.OutputHeight + line) * below + column * channels + channel;
        int width = map.OutputWidth - column, height = map.OutputHeight - line;
        for (int row = 0; row < 4 && row < height; row++) {
            WinogradLines.Output<Float4, KernelLanes>(ref a.A, ref b.A, ref c.A, ref d.A, e.A, f.A);
            StoreEnded(a.A, y, shift, scale, added, ending, channel, at, 0, width, channels);
            StoreEnded(b.A, y, shift, scale, added, ending, channel, at, 1, width, channels);
            StoreEnded(c.A, y, shift, scale, added, ending, channel, at, 2, width, channels);
            StoreEnded(d.A, y, shift, scale, added, ending, channel, at, 3, width, channels);
            at += below;
            Rise(ref a);
            Rise(ref b);
            Rise(ref c);
            Rise(ref d);
            Rise(ref e);
            Rise(ref f);
        }
    }

    /// <summary>Aᵀ times a column of a tile's products.</summary>
    private static FourLine ProductColumn(ArrayView<Float4> values, int at, int step) {
        FourLine m = default;
        m.A = values[at];
        m.B = values[at + 6 * step];
        m.C = values[at + 12 * step];
        m.D = values[at + 18 * step];
        WinogradLines.Output<Float4, KernelLanes>(ref m.A, ref m.B, ref m.C, ref m.D, values[at + 24 * step], values[at + 30 * step]);
        return m;
    }

    /// <summary>Brings the second to fourth value to the front.</summary>
    private static void Rise(ref FourLine line) {
        line.A = line.B;
        line.B = line.C;
        line.C = line.D;
    }

    private static void StoreEnded(Float4 sum, ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added,
        TileEnding ending, int channel, int at, int pixel, int width, int channels) {
        if (pixel >= width) return;
        at += pixel * channels;
        ending.Apply(ref sum, shift, scale, added, channel, at, 4, 1);
        y.Cast<Float4>()[at >> 2] = sum;
    }

    /// <summary>Four channels of a tile of dy a thread: A e Aᵀ.</summary>
    internal static void WinogradTileKernel(Index1D i, ArrayView<float> transformed, ArrayView<float> dy, WinogradMap map, int channels,
        int first, int count) {
        int lanes = channels >> 2, inPart = i / lanes, step = count * lanes;
        (int image, int line, int column) = map.Place(first + inPart);
        ArrayView<Float4> values = dy.Cast<Float4>(), to = transformed.Cast<Float4>();
        int below = map.OutputWidth * lanes, at = (image * map.OutputHeight + line) * below + column * lanes + i - inPart * lanes;
        int lines = Inside(line, map.OutputHeight) & 15;
        FourLine a = Column(values, at, below, lines, column, map.OutputWidth),
            b = Column(values, at + lanes, below, lines, column + 1, map.OutputWidth),
            c = Column(values, at + 2 * lanes, below, lines, column + 2, map.OutputWidth),
            d = Column(values, at + 3 * lanes, below, lines, column + 3, map.OutputWidth);
        TransformTile(ref a);
        TransformTile(ref b);
        TransformTile(ref c);
        TransformTile(ref d);
        TileLine(to, i, step, a.A, b.A, c.A, d.A);
        TileLine(to, i + 6 * step, step, a.B, b.B, c.B, d.B);
        TileLine(to, i + 12 * step, step, a.C, b.C, c.C, d.C);
        TileLine(to, i + 18 * step, step, a.D, b.D, c.D, d.D);
        TileLine(to, i + 24 * step, step, a.E, b.E, c.E, d.E);
        TileLine(to, i + 30 * step, step, a.F, b.F, c.F, d.F);
    }

    private static void TransformTile(ref FourLine e) {
        (Float4 e1, Float4 e2) = (e.B, e.C);
        e.F = e.D;
        WinogradLines.OutputGradient<Float4, KernelLanes>(e.A, e1, e2, e.F, out e.B, out e.C, out e.D, out e.E);
    }

    private static void TileLine(ArrayView<Float4> to, int at, int step, Float4 e0, Float4 e1, Float4 e2, Float4 e3) {
        WinogradLines.OutputGradient<Float4, KernelLanes>(e0, e1, e2, e3, out Float4 w1, out Float4 w2, out Float4 w3, out Float4 w4);
        Put(to, at, step, e0, w1, w2, w3, w4, e3);
    }

    /// <summary>Four inputs of an output's weight a thread: G g Gᵀ, of the taps turned round if so told.</summary>
    internal static void WinogradWeightKernel(Index1D i, ArrayView<float> transformed, ArrayView<float> weight, int inputs, int turned) {
        int lanes = inputs >> 2, output = i / lanes, step = turned == 0 ? lanes : -lanes;
        int at = output * 9 * lanes + i - output * lanes + (turned == 0 ? 0 : 8 * lanes);
        ArrayView<Float4> taps = weight.Cast<Float4>(), to = transformed.Cast<Float4>();
        FourLine a = WeightColumn(taps, at, step), b = WeightColumn(taps, at + step, step), c = WeightColumn(taps, at + 2 * step, step);
        int next = (int)(to.Length / WinogradTransforms.Points);
        WeightLine(to, i, next, a.A, b.A, c.A);
        WeightLine(to, i + 6 * next, next, a.B, b.B, c.B);
        WeightLine(to, i + 12 * next, next, a.C, b.C, c.C);
        WeightLine(to, i + 18 * next, next, a.D, b.D, c.D);
        WeightLine(to, i + 24 * next, next, a.E, b.E, c.E);
        WeightLine(to, i + 30 * next, next, a.F, b.F, c.F);
    }

    private static FourLine WeightColumn(ArrayView<Float4> taps, int at, int step) {
        FourLine u = default;
        WinogradLines.Weight<Float4, KernelLanes>(taps[at], taps[at + 3 * step], taps[at + 6 * step], out u.A, out u.B, out u.C, out u.D,
            out u.E, out u.F);
        return u;
    }

    private static void WeightLine(ArrayView<Float4> to, int at, int step, Float4 g0, Float4 g1, Float4 g2) {
        WinogradLines.Weight<Float4, KernelLanes>(g0, g1, g2, out Float4 u0, out Float4 u1, out Float4 u2, out Float4 u3, out Float4 u4,
            out Float4 u5);
        Put(to, at, step, u0, u1, u2, u3, u4, u5);
    }

    /// <summary>Four inputs of an output's gradient a thread: Gᵀ s G.</summary>
    internal static void WinogradWeightGradientKernel(Index1D i, ArrayView<float> dWeight, ArrayView<float> sums, int inputs) {
        ArrayView<Float4> values = sums.Cast<Float4>(), to = dWeight.Cast<Float4>();
        int lanes = inputs >> 2, output = i / lanes, step = (int)(values.Length / WinogradTransforms.Points);
        int at = output * 9 * lanes + i - output * lanes;
        FourLine a = SumColumn(values, i, step), b = SumColumn(values, i + step, step), c = SumColumn(values, i + 2 * step, step),
            d = SumColumn(values, i + 3 * step, step), e = SumColumn(values, i + 4 * step, step), f = SumColumn(values, i + 5 * step, step);
        TapLine(to, at, lanes, a.A, b.A, c.A, d.A, e.A, f.A);
        TapLine(to, at + 3 * lanes, lanes, a.B, b.B, c.B, d.B, e.B, f.B);
        TapLine(to, at + 6 * lanes, lanes, a.C, b.C, c.C, d.C, e.C, f.C);
    }

    private static FourLine SumColumn(ArrayView<Float4> values, int at, int step) {
        FourLine g = default;
        WinogradLines.WeightGradient<Float4, KernelLanes>(values[at], values[at + 6 * step], values[at + 12 * step],
            values[at + 18 * step], values[at + 24 * step], values[at + 30 * step], out g.A, out g.B, out g.C);
        return g;
    }

    private static void TapLine(ArrayView<Float4> to, int at, int step, Float4 s0, Float4 s1, Float4 s2, Float4 s3, Float4 s4, Float4 s5) {
        WinogradLines.WeightGradient<Float4, KernelLanes>(s0, s1, s2, s3, s4, s5, out Float4 g0, out Float4 g1, out Float4 g2);
        to[at] = g0;
        to[at + step] = g1;
        to[at + 2 * step] = g2;
    }

    /// <summary>Up to six values of a line or column.</summary>
    private struct FourLine {
        public Float4 A, B, C, D, E, F;
    }
}
