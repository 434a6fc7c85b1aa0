namespace DenseEngine.Models;

/// <summary>From pictures to feature maps, finest first.</summary>
public abstract class Backbone : Module {
    /// <summary>The feature maps of a normalised batch [N,H,W,3].</summary>
    public abstract Tensor[] Forward(Tensor x);

    /// <summary>The channels of each feature map.</summary>
    public abstract IReadOnlyList<int> Channels { get; }
}
