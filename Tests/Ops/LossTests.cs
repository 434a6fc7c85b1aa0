using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Losses at the sizes of training, against the formulas in double precision: values, and slopes by central differences.</summary>
public class LossTests {
    private const double Step = 1e-5;

    [Theory, InlineData(1000, 80, 2f), InlineData(37, 5, 2f), InlineData(64, 17, 1.5f), InlineData(3, 1, 2f), InlineData(50, 33, 1f),
        InlineData(0, 4, 2f)]
    public void Quality_focal_loss(int rows, int classes, float beta) {
        float[] x = Values(rows * classes, 1, 9), score = Values(rows, 2, 0.5, 0.5);
        int[] label = [.. Enumerable.Range(0, rows).Select(row => row * 7 % (classes + 2) - 1)];   // -1 and C are background
        double Entry(int i, double logit) {
            double p = 1 / (1 + Math.Exp(-logit)), q = i % classes == label[i / classes] ? score[i / classes] : 0;
            double cost = Math.Max(logit, 0) - logit * q + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            return cost * Math.Pow(Math.Abs(q - p), beta);
        }
        Check(x, [rows, classes], rows, i => i / classes, Entry,
            t => Op.QualityFocalLoss(t, Tensor.From(label, [rows]), Tensor.From(score, [rows]), beta));
    }

    [Theory, InlineData(100, 17), InlineData(33, 9), InlineData(5, 64), InlineData(0, 17)]
    public void Distribution_focal_loss(int rows, int bins) {
        float[] x = Values(rows * bins, 3, 4), label = [.. Values(rows, 4, 0.5, 0.5).Select(v => v * (bins - 1.1f))];
        if (rows > 2) label[1] = 3;   // exactly a bin
        CheckRows(x, rows, bins, (row, log) => {
            int left = (int)label[row];
            return -(left + 1 - label[row]) * log(left) - (label[row] - left) * log(left + 1);
        }, t => Op.DistributionFocalLoss(t, Tensor.From(label, [rows])));
    }

    [Theory, InlineData(40, 81), InlineData(33, 9), InlineData(20, 2)]
    public void Cross_entropy(int rows, int classes) {
        float[] x = Values(rows * classes, 5, 5), weight = Values(classes, 6, 0.7, 1);
        int[] target = [.. Enumerable.Range(0, rows).Select(row => row % 5 == 4 ? 255 : row * 11 % classes)];
        CheckRows(x, rows, classes, (row, log) => target[row] == 255 ? 0 : -weight[target[row]] * log(target[row]),
            t => Op.CrossEntropy(t, Tensor.From(target, [rows]), Tensor.From(weight, [classes]), 255, Reduction.None));
    }

    [Theory, InlineData(1000, 80), InlineData(37, 3), InlineData(1, 1)]
    public void Binary_cross_entropy(int rows, int classes) {
        float[] x = Values(rows * classes, 7, 9), target = Values(rows * classes, 8, 0.5, 0.5), positive = Values(classes, 9, 1, 2);
        double Entry(int i, double logit) =>
            (1 - target[i]) * Math.Log(1 + Math.Exp(logit)) + positive[i % classes] * target[i] * Math.Log(1 + Math.Exp(-logit));
        Check(x, [rows, classes], rows * classes, i => i, Entry, t =>
            Op.BinaryCrossEntropyWithLogits(t, Tensor.From(target, [rows, classes]),
            posWeight: Tensor.From(positive, [classes]), reduction: Reduction.None));
    }

    [Theory, InlineData(1000, 80, 2f, 0.25f), InlineData(37, 5, 2f, 0.5f), InlineData(64, 17, 1.5f, 0.4f), InlineData(50, 33, 0f, 0.5f)]
    public void Sigmoid_focal_loss(int rows, int classes, float gamma, float alpha) {
        float[] x = Values(rows * classes, 11, 9);
        int[] label = [.. Enumerable.Range(0, rows).Select(row => row * 7 % (classes + 2) - 1)];   // -1 is left out, C is background
        double Entry(int i, double logit) {
            double p = 1 / (1 + Math.Exp(-logit));
            if (label[i / classes] < 0) return 0;
            return i % classes == label[i / classes] ? -alpha * Math.Pow(1 - p, gamma) * Math.Log(p)
                : (1 - alpha) * Math.Pow(p, gamma) * Math.Log(1 + Math.Exp(logit));
        }
        Check(x, [rows, classes], rows, i => i / classes, Entry, t => Op.SigmoidFocalLoss(t, Tensor.From(label, [rows]), gamma, alpha));
        Check(x, [rows, classes], rows * classes, i => i, Entry,
            t => Op.SigmoidFocalLoss(t, Tensor.From(label, [rows]), gamma, alpha, entries: true));
    }

    [Theory, InlineData(1000, 80, 2f, true), InlineData(37, 5, 2f, false), InlineData(64, 17, 1.5f, true)]
    public void Varifocal_loss(int rows, int classes, float gamma, bool weighted) {
        float[] x = Values(rows * classes, 12, 9), score = [.. Values(rows, 13, 0.5, 0.5).Select((q, i) => i % 3 == 0 ? 0 : q)];
        int[] label = [.. Enumerable.Range(0, rows).Select(row => row * 7 % (classes + 2) - 1)];
        double Entry(int i, double logit) {
            double q = i % classes == label[i / classes] ? score[i / classes] : 0, p = 1 / (1 + Math.Exp(-logit));
            double cost = Math.Max(logit, 0) - logit * q + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            return cost * (q > 0 ? weighted ? q : 1 : 0.75 * Math.Pow(p, gamma));
        }
        Tensor Loss(Tensor t, bool entries) => Op.VarifocalLoss(t, Tensor.From(label, [rows]), Tensor.From(score, [rows]), 0.75f, gamma,
            weighted, entries);
        Check(x, [rows, classes], rows, i => i / classes, Entry, t => Loss(t, false));
        Check(x, [rows, classes], rows * classes, i => i, Entry, t => Loss(t, true));
    }

    [Theory, InlineData(200, 81, 2f), InlineData(37, 5, 2f), InlineData(64, 17, 1.5f)]
    public void Quality_focal_loss_of_probabilities(int rows, int classes, float beta) {
        float[] p = Values(rows * classes, 14, 0.48, 0.5), score = Values(rows, 15, 0.5, 0.5);
        int[] label = [.. Enumerable.Range(0, rows).Select(row => row * 7 % (classes + 2) - 1)];
        double Entry(int i, double v) {
            double q = i % classes == label[i / classes] ? score[i / classes] : 0;
            return (-(1 - q) * Math.Log(1 - v) - q * Math.Log(v)) * Math.Pow(Math.Abs(q - v), beta);
        }
        Check(p, [rows, classes], rows, i => i / classes, Entry,
            t => Op.QualityFocalLossOfProbabilities(t, Tensor.From(label, [rows]), Tensor.From(score, [rows]), beta));
    }

    [Theory, InlineData(100, 17, 10f, false), InlineData(33, 9, 1f, true), InlineData(5, 80, 2f, false), InlineData(1, 1, 3f, true)]
    public void Softmax_kl(int rows, int bins, float temperature, bool sum) {
        float[] x = Values(rows * bins, 16, 5), soft = Values(rows * bins, 17, 5);
        CheckRows([.. x.Select(v => v / temperature)], rows, bins, (row, log) => {
            double[] target = [.. soft.AsSpan(row * bins, bins).ToArray().Select(v => Math.Exp(v / (double)temperature))];
            double all = target.Sum(), apart = 0;
            for (int i = 0; i < bins; i++) apart += target[i] / all * (Math.Log(target[i] / all) - log(i));
            return apart * temperature * temperature / (sum ? 1 : bins);
        }, t => Op.SoftmaxKl(t * temperature, Tensor.From(soft, [rows, bins]), temperature, sum));
    }

    /// <summary>Probabilities of 0 and 1 have finite losses and slopes, as in PyTorch: logarithms are cut at -100.</summary>
    [Fact]
    public void Sure_probabilities_keep_losses_finite() {
        using var scope = new TensorScope();
        Tensor p = Tensor.From([1f, 0, 0, 1], [2, 2]);
        p.RequiresGrad = true;
        Tensor y = Op.QualityFocalLossOfProbabilities(p, Tensor.From([1, 2], [2]), Tensor.From([1f, 0], [2]));
        Assert.Equal([200f, 100], y.ToArray());
        y.Backward(Tensor.Full([2], 1));
        Assert.All(p.Grad!.ToArray(), slope => Assert.True(float.IsFinite(slope)));
    }

    /// <summary>A teacher's bins of probability 0 add nothing, infinitely improbable ones either.</summary>
    [Fact]
    public void Softmax_kl_of_impossible_bins() {
        using var scope = new TensorScope();
        Tensor x = Tensor.From([0f, 0, 0, 300], [1, 4]);
        x.RequiresGrad = true;
        Tensor y = Op.SoftmaxKl(x, Tensor.From([0f, float.NegativeInfinity, -400, 0], [1, 4]), sum: true);
        Assert.Equal(150 - MathF.Log(2), y.ToArray()[0], 1e-4);
        y.Backward(Tensor.Full([1], 1));
        Assert.Equal([-0.5f, 0, 0, 0.5f], x.Grad!.ToArray());
    }

    /// <summary>The last walk may make the gradient of what was saved, earlier ones must not.</summary>
    [Fact]
    public void Walks_over_the_same_losses_give_the_same_gradients() {
        using var scope = new TensorScope();
        Tensor x = Tensor.From(Values(60, 18, 3), [3, 20]), labels = Tensor.From([1, 20, 5], [3]), dy = Tensor.From([1f, -2, 3], [3]);
        x.RequiresGrad = true;
        Tensor y = Op.SigmoidFocalLoss(x, labels);
        float[]? first = null;
        foreach (bool keep in (ReadOnlySpan<bool>)[true, true, false]) {
            x.Grad = null;
            y.Backward(dy, keep);
            Assert.Equal(first ??= x.Grad!.ToArray(), x.Grad!.ToArray());
        }
    }

    [Fact]
    public void Labels_out_of_range_are_refused() {
        using var scope = new TensorScope();
        Tensor x = Tensor.Zeros([2, 4]);
        Assert.Contains("label 4 of row 1", Assert.Throws<ShapeException>(() => Op.CrossEntropy(x, Tensor.From([0, 4], [2]))).Message);
        Assert.Contains("label -1 of row 0", Assert.Throws<ShapeException>(() => Op.CrossEntropy(x, Tensor.From([-1, 0], [2]))).Message);
        Assert.Contains("label 3 of row 0",
            Assert.Throws<ShapeException>(() => Op.DistributionFocalLoss(x, Tensor.From([3f, 0], [2]))).Message);
        Assert.Contains("label NaN of row 1",
            Assert.Throws<ShapeException>(() => Op.DistributionFocalLoss(x, Tensor.From([0, float.NaN], [2]))).Message);
    }

    [Fact]
    public void Extreme_logits_keep_losses_finite() {
        using var scope = new TensorScope();
        Tensor x = Tensor.From([200f, -200, 90, -90], [2, 2]);
        x.RequiresGrad = true;
        Tensor y = Op.QualityFocalLoss(x, Tensor.From([1, 0], [2]), Tensor.From([1f, 0.5f], [2]));
        Assert.Equal([400f, 11.25f], y.ToArray());   // 200 each; |½ - 1|²·½·90
        y.Backward(Tensor.Full([2], 1));
        Assert.All(x.Grad!.ToArray(), slope => Assert.True(float.IsFinite(slope)));
    }

    /// <summary>Losses that are sums over entries, each of which depends on its own logit alone.</summary>
    private static void Check(float[] x, Shape shape, int outputs, Func<int, int> output, Func<int, double, double> entry,
        Func<Tensor, Tensor> loss) {
        double[] values = new double[outputs], slopes = new double[x.Length];
        float[] dy = Values(outputs, 10, 2);
        for (int i = 0; i < x.Length; i++) {
            values[output(i)] += entry(i, x[i]);
            slopes[i] = dy[output(i)] * (entry(i, x[i] + Step) - entry(i, x[i] - Step)) / (2 * Step);
        }
        Compare(x, shape, values, slopes, dy, loss);
    }

    /// <summary>Losses of rows through their log-softmax.</summary>
    private static void CheckRows(float[] x, int rows, int bins, Func<int, Func<int, double>, double> loss, Func<Tensor, Tensor> op) {
        double[] values = new double[rows], slopes = new double[x.Length];
        float[] dy = Values(rows, 10, 2);
        for (int row = 0; row < rows; row++) {
            double[] logits = [.. x.AsSpan(row * bins, bins).ToArray().Select(v => (double)v)];
            double Value() => loss(row, bin => logits[bin] - Math.Log(logits.Sum(Math.Exp)));
            values[row] = Value();
            for (int bin = 0; bin < bins; bin++) {
                logits[bin] += Step;
                double above = Value();
                logits[bin] -= 2 * Step;
                slopes[row * bins + bin] = dy[row] * (above - Value()) / (2 * Step);
                logits[bin] += Step;
            }
        }
        Compare(x, [rows, bins], values, slopes, dy, op);
    }

    private static void Compare(float[] x, Shape shape, double[] values, double[] slopes, float[] dy, Func<Tensor, Tensor> loss) {
        using var scope = new TensorScope();
        Tensor t = Tensor.From(x, shape);
        Near(values, loss(t).ToArray(), "loss outside the graph");
        t.RequiresGrad = true;
        Tensor y = loss(t);
        Near(values, y.ToArray(), "loss");
        y.Backward(Tensor.From(dy, y.Shape));
        Near(slopes, t.Grad!.ToArray(), "slope");
    }

    private static void Near(double[] expected, float[] actual, string what) {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(actual[i] - expected[i]) <= 3e-6 * Math.Abs(expected[i]) + 1e-6,
                $"{what} {i}: {actual[i]} instead of {expected[i]}");
    }

    private static float[] Values(int count, int seed, double scale, double centre = 0) {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2 - 1) * scale + centre))];
    }
}
