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
