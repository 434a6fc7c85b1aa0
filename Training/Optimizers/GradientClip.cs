using System.Numerics;

namespace DenseEngine.Training;

/// <summary>Shortens gradients together, as PyTorch's <c>clip_grad_norm_</c> with the 2-norm: all are scaled by
/// min(1, maxNorm / (norm + 10⁻⁶)), norm being that of all of them as one vector.</summary>
public static class GradientClip {
    /// <summary>Scales the gradients of the given tensors in place; absent ones are left out.</summary>
    /// <returns>The norm before.</returns>
    public static double Apply(IEnumerable<Tensor> parameters, float maxNorm) {
        Tensor[] gradients = [.. parameters.Select(p => p.Grad).OfType<Tensor>()];
        double norm = Math.Sqrt(gradients.Sum(SquaredNorm));
        double factor = maxNorm / (norm + 1e-6);
        if (factor < 1) foreach (Tensor gradient in gradients) Scale(gradient, (float)factor);
        return norm;
    }

    private static double SquaredNorm(Tensor gradient) {
        double sum = 0;
        foreach (float value in gradient.Span) sum += (double)value * value;
        return sum;
    }

    private static void Scale(Tensor gradient, float factor) {
        Span<float> values = gradient.Span;
        int i = 0, width = Vector<float>.Count;
        for (; i + width <= values.Length; i += width) (new Vector<float>(values[i..]) * factor).CopyTo(values[i..]);
        for (; i < values.Length; i++) values[i] *= factor;
        gradient.MarkChanged();
    }
}
