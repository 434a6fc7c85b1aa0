using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Conditions as numbers, 1 or 0, which stay on the device; without gradient.</summary>
internal static class Indicator {
    /// <summary>Makes of any difference that matters a number above 1.</summary>
    private const float Steep = 1e30f;

    /// <summary>Where values are above 0.</summary>
    public static Tensor Positive(Tensor values) => Op.Clamp(values.Detach() * Steep, 0, 1);

    /// <summary>Where they are not below 0.</summary>
    public static Tensor NotNegative(Tensor values) => Op.Clamp(values.Detach() * Steep + 1, 0, 1);
}
