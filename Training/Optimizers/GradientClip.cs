using DenseEngine.Ops;

namespace DenseEngine.Training;

/// <summary>Shortens gradients together, as PyTorch's <c>clip_grad_norm_</c> with the 2-norm: all are scaled by
/// min(1, maxNorm / (norm + 10⁻⁶)), norm being that of all of them as one vector.</summary>
public static class GradientClip {
    /// <summary>Replaces the gradients of the given tensors by scaled ones; absent ones are left out. Waits for them.</summary>
    /// <returns>The norm before.</returns>
    public static double Apply(IEnumerable<Tensor> parameters, float maxNorm) {
        Tensor[] having = [.. parameters.Where(p => p.Grad is not null)];
        if (having.Length == 0) return 0;
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor squares = Op.Concat([.. having.Select(p => Op.Reshape(Op.Sum(p.Grad! * p.Grad!), 1))], 0);
        double norm = Math.Sqrt(squares.ToArray().Sum(square => (double)square));
        double factor = maxNorm / (norm + 1e-6);
        if (!(factor < 1)) return norm;
        foreach (Tensor parameter in having) {
            Tensor before = parameter.Grad!;
            parameter.Grad = Op.Affine(before, (float)factor, 0).Persist();
            before.Dispose();
        }
        return norm;
    }
}
