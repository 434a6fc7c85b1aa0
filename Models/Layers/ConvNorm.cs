namespace DenseEngine.Models;

/// <summary>A convolution with its batch norm: in inference of a plain one a single step, the norm folded into the convolution.</summary>
internal static class ConvNorm {
    /// <summary>relu(norm(conv(x)) + residual); what is null or false is left out.</summary>
    public static Tensor Forward(Convolution convolution, BatchNorm2d norm, Tensor x, bool relu, Tensor? residual = null) {
        if (!NoGrad.IsRecording && !norm.IsTraining && convolution is Conv2d { Bias: null } plain)
            return plain.Forward(x, norm.Affine, relu, residual);
        using var scope = new TensorScope();
        return scope.Keep(norm.Forward(convolution.Forward(x), relu, residual));
    }
}

/// <summary>What a batch norm with fixed statistics comes to: scale = weight/√(σ² + ε), shift = bias - μ · scale.</summary>
internal sealed class NormAffine : IDisposable {
    public NormAffine(Tensor weight, Tensor bias, Tensor mean, Tensor variance, float eps) {
        float[] scale = weight.ToArray(), shift = bias.ToArray(), means = mean.ToArray(), variances = variance.ToArray();
        for (int c = 0; c < scale.Length; c++) {
            double factor = scale[c] / Math.Sqrt(variances[c] + (double)eps);
            (scale[c], shift[c]) = ((float)factor, (float)(shift[c] - means[c] * factor));
        }
        Scale = Tensor.From(scale, weight.Shape, weight.Device).Persist();
        Shift = Tensor.From(shift, weight.Shape, weight.Device).Persist();
    }

    public Tensor Scale { get; }

    public Tensor Shift { get; }

    public void Dispose() {
        Scale.Dispose();
        Shift.Dispose();
    }
}
