using System.Globalization;

namespace DenseEngine.Tests;

/// <summary>Compares an operation's gradient with a central difference along a direction: ⟨v, f(x+hd) - f(x-hd)⟩ / 2h against ⟨Jᵀv, d⟩,
/// sums in double. One input moves at a time: along its own gradient, where an error of the whole shows fully; along a random direction;
/// along one that leans to one side, where an error in a term common to all elements (a mean's) shows; and along the input itself, where
/// one in a term that follows it (a variance's) does. The result's weights v lean likewise from seed to seed: to nothing, to one side, to
/// the result.</summary>
internal static class DirectionalCheck {
    /// <summary>The largest disagreement allowed, as a share of what the directions could give at most.</summary>
    public const double Allowed = 0.004;

    /// <summary>Gives null if all agrees, otherwise what does not.</summary>
    public static string? Failure(Func<Tensor[], Tensor> call, Func<Philox, Tensor[]> draw, double step, int seeds = 3) {
        for (int seed = 0; seed < seeds; seed++) {
            using var scope = new TensorScope();
            var random = new Philox((ulong)seed, 77);
            Tensor[] inputs = draw(random);
            foreach (Tensor input in inputs) input.RequiresGrad = input.DType == DType.Float32;
            Tensor y = call(inputs);
            double largest = y.ToArray().Select(value => Math.Abs((double)value)).Append(1e-30).Max();
            Tensor v = Tensor.From([.. y.ToArray().Select(value => random.NextNormal() + (seed % 3) switch {
                1 => 1, 2 => (float)(2 * value / largest), _ => 0,
            })], y.Shape);
            y.Backward(v);
            for (int i = 0; i < inputs.Length; i++) {
                if (inputs[i].Grad is not { } gradient || gradient.Count == 0) continue;
                float[] slope = gradient.ToArray(), values = inputs[i].ToArray();
                double norm = Math.Sqrt(slope.Sum(g => (double)g * g));
                for (int direction = norm == 0 ? 1 : 0; direction < 4; direction++) {
                    double[] d = [.. slope.Zip(values, (g, x) => direction switch {
                        0 => g / norm, 1 => random.NextNormal(), 2 => random.NextNormal() + 1, _ => x + 0.1f * random.NextNormal(),
                    })];
                    double longest = d.Max(Math.Abs);
                    for (int k = 0; k < d.Length; k++) d[k] /= longest;
                    double predicted = slope.Zip(d, (g, e) => g * e).Sum(), most = norm * Math.Sqrt(d.Sum(e => e * e));
                    double measured = (Along(call, inputs, i, d, step, v) - Along(call, inputs, i, d, -step, v)) / (2 * step);
                    // Along a random direction the derivative is a small part of |g||d|; half of the share of that is the noise's due.
                    if (norm == 0) most = 1e-3;
                    double allowed = direction == 0 ? Allowed * most : Allowed * Math.Max(Math.Abs(predicted), most / Math.Sqrt(d.Length));
                    if (!(Math.Abs(measured - predicted) <= allowed))
                        return string.Create(CultureInfo.InvariantCulture,
                            $"input {i}, seed {seed}, direction {direction}: the gradient says {predicted:g6}, the difference "
                                + $"{measured:g6} ({(measured - predicted) / allowed:0.0} of the allowed)");
                }
            }
        }
        return null;
    }

    private static double Along(Func<Tensor[], Tensor> call, Tensor[] inputs, int moved, double[] direction, double step, Tensor v) {
        using var noGrad = new NoGrad();
        Tensor[] shifted = [.. inputs.Select(x => x.Detach())];
        float[] values = inputs[moved].ToArray();
        for (int k = 0; k < values.Length; k++) values[k] += (float)(step * direction[k]);
        shifted[moved] = Tensor.From(values, inputs[moved].Shape);
        return call(shifted).ToArray().Zip(v.ToArray(), (y, w) => (double)y * w).Sum();
    }
}
