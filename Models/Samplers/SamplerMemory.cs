namespace DenseEngine.Models;

/// <summary>What a sampler keeps from one picture to the next, for the life of a model. Each of a network's samplers has its own.</summary>
public sealed class SamplerMemory {
    /// <summary>Whether IoU-balanced sampling without a floor has drawn before, see <see cref="IouBalancedNegSampler"/>.</summary>
    public bool FloorIsZero { get; set; }
}
