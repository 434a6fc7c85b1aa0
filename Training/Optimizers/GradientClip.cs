using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DenseEngine.Ops;

namespace DenseEngine.Training;

/// <summary>Shortens gradients together, as PyTorch's <c>clip_grad_norm_</c> with the 2-norm: all are scaled by
/// min(1, maxNorm / (norm + 10⁻⁶)), norm being that of all of them as one vector.</summary>
public static class GradientClip {
    /// <summary>Squares that are added in single precision.</summary>
    private const int Block = 4096;

    /// <summary>Scales the gradients of the given tensors, in place on the host; absent ones are left out. Waits for them.</summary>
    /// <returns>The norm before.</returns>
    public static double Apply(IEnumerable<Tensor> parameters, float maxNorm) {
        Tensor[] having = [.. parameters.Where(p => p.Grad is not null)];
        if (having.Length > 0 && having[0].Device is HostDevice host) return ApplyHost(host, having, maxNorm);
        using var scope = new TensorScope();
        return Apply(having, maxNorm, Squares(having)?.ToArray() ?? []);
    }

    /// <summary>The squared norm of each gradient that there is, where it is; null for none.</summary>
    internal static Tensor? Squares(IEnumerable<Tensor> parameters) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor[] squares = [.. parameters.Where(p => p.Grad is not null).Select(p => Op.Reshape(Op.Sum(p.Grad! * p.Grad!), 1))];
        return squares.Length == 0 ? null : scope.Keep(Op.Concat(squares, 0));
    }

    /// <summary>Scales gradients whose squared norms are known: nothing waits.</summary>
    /// <returns>The norm before.</returns>
    internal static double Apply(IEnumerable<Tensor> parameters, float maxNorm, float[] squares) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        double norm = Math.Sqrt(squares.Sum(square => (double)square)), factor = maxNorm / (norm + 1e-6);
        if (!(factor < 1)) return norm;
        foreach (Tensor parameter in parameters.Where(p => p.Grad is not null)) {
            Tensor before = parameter.Grad!;
            parameter.Grad = Op.Affine(before, (float)factor, 0).Persist();
            before.Dispose();
        }
        return norm;
    }

    /// <summary>One pass over all gradients for the norm, and one more if they are too long.</summary>
    private static unsafe double ApplyHost(HostDevice host, Tensor[] having, float maxNorm) {
        var loop = new ManyLoop(having.Select(p => p.Grad!.Count));
        double[] squares = new double[loop.Pieces];
        loop.Run(host, (piece, index, from, until) => squares[piece] = Squares(having[index].Grad!.Pointer + from, until - from));
        double norm = Math.Sqrt(squares.Sum()), factor = maxNorm / (norm + 1e-6);
        if (!(factor < 1)) return norm;
        foreach (Tensor parameter in having) parameter.Grad!.MarkChanged();
        loop.Run(host, (_, index, from, until) => Scale(having[index].Grad!.Pointer + from, until - from, (float)factor));
        return norm;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe double Squares(float* x, int count) {
        double total = 0;
        for (int start = 0; start < count; start += Block) {
            int i = start, end = Math.Min(count, start + Block);
            Vector512<float> a = Vector512<float>.Zero, b = a;
            for (; i + 32 <= end; i += 32) {
                Vector512<float> first = Vector512.Load(x + i), second = Vector512.Load(x + i + 16);
                (a, b) = (a + first * first, b + second * second);
            }
            total += Vector512.Sum(a + b);
            for (; i < end; i++) total += (double)x[i] * x[i];
        }
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Scale(float* x, int count, float factor) {
        int i = 0;
        for (; i + 16 <= count; i += 16) (Vector512.Load(x + i) * factor).Store(x + i);
        for (; i < count; i++) x[i] *= factor;
    }
}
