namespace DenseEngine.Models;

/// <summary>A module from one tensor to one tensor. Feature maps are NHWC.</summary>
public abstract class Layer : Module {
    /// <summary>The layer's output; recorded on the tape unless under <see cref="NoGrad"/>.</summary>
    public abstract Tensor Forward(Tensor x);
}
