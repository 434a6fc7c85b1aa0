namespace DenseEngine;

public sealed partial class Tensor {
    /// <summary>Walks the graph back from this tensor and adds the gradients to the <see cref="Grad"/> of its leaves. What the graph
    /// saved is freed on the way.</summary>
    /// <param name="gradient">The gradient of this tensor, of its shape; may be left out (one) where there is a single element.</param>
    /// <param name="keepGraph">Keeps what was saved, for another walk.</param>
    /// <exception cref="GraphException">The graph was walked before; no input requires a gradient; a saved tensor was changed.</exception>
    /// <exception cref="ShapeException">The gradient is missing or has another shape.</exception>
    public void Backward(Tensor? gradient = null, bool keepGraph = false) {
        _ = Storage;
        if (!RequiresGrad)
            throw new GraphException(
                $"Backward: no gradient flows to {this}: none of its inputs requires one, or it was made under NoGrad.");
        Check.That(gradient is not null || Count == 1, $"Backward: the tensor has shape {Shape}; give the gradient of its elements.");
        if (gradient is not null) {
            Check.Shape("Backward", "gradient", gradient, Shape);
            Check.SameDevice("Backward", this, gradient);
        }
        using Tensor? one = gradient is null ? Full(Shape, 1, Device) : null;
        Tape.Walk(this, gradient ?? one!, keepGraph);
    }
}
