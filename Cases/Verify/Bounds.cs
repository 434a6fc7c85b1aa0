namespace DenseEngine.Cases;

/// <summary>How far a device may be from the host. In single precision these are the tests' own bounds. Below it factors of products are
/// rounded by up to half a unit u of their last place (2⁻¹¹ for TF32, 2⁻⁸ for bf16), a product by 2u of it; in a sum of many the errors
/// add up as its terms do, by the root of their number, and Winograd's transforms enlarge them: 16u of a result's largest element are
/// allowed where matrices are multiplied; gradients at kinks, which turn with a result's sign, are not compared there. Through the layers
/// of the small detector these add up in turn: 32u of a map's largest, of a loss, of a score, and 8√u of a gradient's norm.</summary>
/// <param name="Precision">The device's.</param>
internal sealed record Bounds(Precision Precision) {
    private double Unit => Precision switch { Precision.TensorFloat32 => 1.0 / 2048, Precision.BFloat16 => 1.0 / 256, _ => 0 };

    /// <summary>Whether it is single precision.</summary>
    public bool Single => Precision == Precision.Float32;

    /// <summary>Of an operation: a share of a result's largest element.</summary>
    public double Of(OpRow row) => row.Multiplies ? Math.Max(SampleRun.Share, 16 * Unit) : SampleRun.Share;

    /// <summary>Whether the gradients of an operation's sample are compared: below single precision not at kinks.</summary>
    public bool Gradients(OpRow row, Sample sample) => Single || !row.Multiplies || sample.Differentiable;

    /// <summary>Of the detector's maps: a share of their largest.</summary>
    public double Map => Math.Max(1e-4, 32 * Unit);

    /// <summary>Of a loss, relative.</summary>
    public double Loss => Math.Max(1e-4, 32 * Unit);

    /// <summary>Of the loss of a training step, relative.</summary>
    public double Step => Math.Max(1e-3, 32 * Unit);

    /// <summary>Of a gradient, as a share of its norm. Where a sign or a maximum turns, whole terms change: as many as the rounding is
    /// large, so that the norm of the error follows its root.</summary>
    public double Gradient => Math.Max(1e-3, 8 * Math.Sqrt(Unit));

    /// <summary>Of a score, below single precision.</summary>
    public double Score => 32 * Unit;
}
