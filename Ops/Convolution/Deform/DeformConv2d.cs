namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Deformable convolution (Dai et al., 2017; with a mask Zhu et al., 2019, equation 1): a convolution each of whose taps is
    /// moved by an offset of its own and, with a mask, weighed: <c>y[n, oy, ox, o] = bias[o] + Σ mask · x[n, oy·stride - padding +
    /// ky·dilation + down, …, c] · weight[o, ky, kx, c]</c>. Between pixels x is bilinear; it falls to zero over the pixel beyond each
    /// border.</summary>
    /// <param name="x">[N, H, W, C].</param>
    /// <param name="offset">[N, H', W', 2·offsetGroups·KH·KW] pixels: for each offset group and tap, row by row, first down, then
    /// across.</param>
    /// <param name="weight">[O, KH, KW, C/groups]: PyTorch's [O, C/groups, KH, KW] with the channels moved to the end.</param>
    /// <param name="mask">[N, H', W', offsetGroups·KH·KW], multiplied as it is; none is ones.</param>
    /// <param name="bias">[O], or none.</param>
    /// <param name="stride">Input pixels between outputs; 1 by default.</param>
    /// <param name="padding">How far outside the first window begins, on each side.</param>
    /// <param name="dilation">Input pixels between taps; 1 by default.</param>
    /// <param name="groups">Groups of channels: outputs of one see the inputs of that one only.</param>
    /// <param name="offsetGroups">Groups of input channels that move together.</param>
    /// <param name="relu">Whether a ReLU follows; its gradient at 0 is 0.</param>
    /// <returns>[N, H', W', O] with H' = (H + 2·padding - dilation·(KH-1) - 1) / stride + 1, rounded down. The gradient of an offset at a
    /// whole number is that to its right; at -1 and beyond, at H, W and beyond, and at NaN, nothing is seen and all gradients are zero, as
    /// in mmcv.</returns>
    /// <exception cref="ShapeException">Ranks, channels or groups do not fit, or the window is larger than the padded input.</exception>
    public static Tensor DeformConv2d(Tensor x, Tensor offset, Tensor weight, Tensor? mask = null, Tensor? bias = null, Pair? stride = null,
        Pair padding = default, Pair? dilation = null, int groups = 1, int offsetGroups = 1, bool relu = false) {
        var deform = DeformGeometry.Of("DeformConv2d", x, offset, weight, mask, bias, stride ?? 1, padding, dilation ?? 1, groups,
            offsetGroups);
        var y = new Tensor(x.Device, deform.Conv.OutputShape);
        bool recorded = Tape.Wants(x, offset, mask, weight, bias), ends = relu && !recorded;
        Run(x.Device, host => DeformHost.Forward(host, deform, x, offset, mask, weight, bias, y, ends),
            gpu => DeformConv2dGpu(gpu, deform, x, offset, mask, weight, y, new Ending(bias, Relu: ends)));
        if (recorded) y = RecordDeform(deform, y, x, offset, mask, weight, bias);
        return relu && !ends ? Relu(y) : y;
    }

    private static Tensor RecordDeform(DeformGeometry deform, Tensor y, Tensor x, Tensor offset, Tensor? mask, Tensor weight,
        Tensor? bias) {
        // The sampled columns are taken again for the gradients: they are as many times larger than x as the window has taps.
        bool moves = Tape.Wants(offset, mask), samples = moves || Tape.Wants(weight), spreads = moves || Tape.Wants(x);
        var kept = new List<Tensor>();
        int maskAt = Keep(kept, mask, true), xAt = Keep(kept, x, samples), weightAt = Keep(kept, weight, spreads),
            offsetAt = Keep(kept, offset, samples || spreads);
        return Tape.Record(y, [x, offset, mask, weight, bias], kept.ToArray(), (dy, saved) => {
            var gradients = new Tensor?[5];
            Tensor? Saved(int at) => at < 0 ? null : saved[at];
            if (spreads) {
                var given = new DeformInputs(Saved(xAt), Saved(offsetAt)!, Saved(maskAt), Saved(weightAt)!);
                (gradients[0], gradients[1], gradients[2]) = DeformColumnGradient(deform, given, dy, saved.Needs(0), saved.Needs(1),
                    saved.Needs(2));
            }
            if (saved.Needs(3)) gradients[3] = DeformWeightGradient(deform, Saved(xAt)!, Saved(offsetAt)!, Saved(maskAt), dy);
            if (saved.Needs(4)) gradients[4] = SumPixels(dy);
            return gradients;
        });
    }

    private static int Keep(List<Tensor> kept, Tensor? tensor, bool wanted) {
        if (tensor is null || !wanted) return -1;
        kept.Add(tensor);
        return kept.Count - 1;
    }

    /// <summary>The gradients that go by way of the columns': of the input, the offsets and the mask, where wanted.</summary>
    private static (Tensor? Input, Tensor? Offset, Tensor? Mask) DeformColumnGradient(DeformGeometry deform, DeformInputs given, Tensor dy,
        bool input, bool offset, bool mask) {
        Tensor? dx = input ? new(dy.Device, deform.Conv.InputShape) : null, dOffset = offset ? new(dy.Device, deform.OffsetShape) : null,
            dMask = mask ? new(dy.Device, deform.MaskShape) : null;
        Run(dy.Device, host => DeformGradient.Run(host, deform, given, dy, dx, dOffset, dMask),
            gpu => DeformColumnGradientGpu(gpu, deform, given, dy, dx, dOffset, dMask));
        return (dx, dOffset, dMask);
    }

    private static Tensor DeformWeightGradient(DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, Tensor dy) {
        ConvGeometry conv = deform.Conv;
        var dWeight = new Tensor(dy.Device, [conv.OutputChannels, conv.KernelHeight, conv.KernelWidth, conv.GroupChannels]);
        Run(dy.Device, host => DeformHost.WeightGradient(host, deform, x, offset, mask, dy, dWeight),
            gpu => DeformWeightGradientGpu(gpu, deform, x, offset, mask, dy, dWeight));
        return dWeight;
    }
}

/// <summary>What a deformable convolution was called with; x may be missing where only its own gradient is asked for.</summary>
internal readonly record struct DeformInputs(Tensor? X, Tensor Offset, Tensor? Mask, Tensor Weight);
