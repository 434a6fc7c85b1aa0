using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What losses do beyond the unit fixtures, against the formulas in double precision.</summary>
public class LossRecordTests {
    [Fact]
    public void Mean_square_is_weighted_by_rows_or_elements() {
        using var scope = new TensorScope();
        Tensor pred = Tensor.From([1f, 2, 3, 4], [2, 2]), target = Tensor.From([0f, 4, 3, 1], [2, 2]);
        Tensor rows = Tensor.From([0.5f, 2], [2]), elements = Tensor.From([0.5f, 0.5f, 2, 2], [2, 2]);
        RegressionLoss loss = Read("type='MSELoss', loss_weight=3");
        Assert.False(loss.OfBoxes);
        Assert.Equal([3 * (1 + 4 + 0 + 9) / 4f], loss.Apply(pred, target).ToArray());
        Assert.Equal([3 * 20.5f], loss.Apply(pred, target, rows, reduction: Reduction.Sum).ToArray());
        Assert.Equal([3 * 20.5f], loss.Apply(pred, target, elements, reduction: Reduction.Sum).ToArray());
        pred.RequiresGrad = true;
        loss.Apply(pred, target, rows, reduction: Reduction.Sum).Backward();
        Assert.Equal([3f, -6, 0, 36], pred.Grad!.ToArray());
    }

    /// <summary>At β the values meet, and with the paper's terms the gradients do, too; mmdetection's jump from 1.701 to 1.5, and begin at
    /// 4.05 instead of 0.</summary>
    [Theory]
    [InlineData(1, false, 1.5)]
    [InlineData(1, true, 1.5)]
    [InlineData(0.11f, true, 1.5)]
    [InlineData(0.11f, false, 1.701)]
    public void Balanced_differences_join(float beta, bool continuous, double slope) {
        using var scope = new TensorScope();
        double b = Math.Exp(3) - 1, one = continuous ? beta : 1;
        double Value(double d) => d < beta ? 0.5 / b * (b * d + one) * Math.Log(b * d / beta + 1) - 0.5 * d
            : 1.5 * d + 1.5 * one / b - 0.5 * beta;
        float before = beta * 0.99999f;
        float[] differences = [0, beta / 1e5f, beta / 3, -beta / 3, before, beta, -beta * 1.00001f, 5 * beta];
        Tensor pred = Tensor.From(differences, [8]), target = Tensor.Zeros([8]);
        pred.RequiresGrad = true;
        Tensor loss = new BalancedL1Loss(Beta: beta, Continuous: continuous).Apply(pred, target, reduction: Reduction.None);
        Op.Sum(loss).Backward();
        (float[] values, float[] slopes) = (loss.ToArray(), pred.Grad!.ToArray());
        for (int i = 0; i < 8; i++) Assert.Equal(Value(Math.Abs(differences[i])), values[i], 1e-6);
        Assert.Equal(values[4], values[6], 1e-4);
        Assert.Equal([0, 1.5f, -1.5f, 1.5f], [slopes[0], .. slopes[5..]]);
        Assert.Equal(slope, slopes[4], 1e-3);
        Assert.Equal(continuous ? 0 : 0.5 * (1 / beta - 1), slopes[1], 1e-3);
        Assert.Equal(-slopes[2], slopes[3]);
        Assert.Equal((Value(beta / 3 + 1e-6) - Value(beta / 3 - 1e-6)) / 2e-6, slopes[2], 1e-4);
    }

    [Fact]
    public void Differences_of_nothing_are_zero() {
        using var scope = new TensorScope();
        Assert.Equal([0f], new L1Loss().Apply(Tensor.Zeros([0, 4]), Tensor.Zeros([0, 4])).ToArray());
    }

    [Fact]
    public void Varifocal_loss_takes_several_qualities_of_a_row() {
        using var scope = new TensorScope();
        float[] logits = [0.5f, -1, 2, -3, 1, 0], qualities = [0.5f, 0.25f, 0, 0, 0, 1], weights = [2, 0.5f];
        Tensor pred = Tensor.From(logits, [2, 3]), target = Tensor.From(qualities, [2, 3]), weight = Tensor.From(weights, [2]);
        pred.RequiresGrad = true;
        double Entry(int i, double x) {
            double q = qualities[i], cost = Math.Log(1 + Math.Exp(x)) - x * q, p = 1 / (1 + Math.Exp(-x));
            return cost * (q > 0 ? q : 0.75 * p * p);
        }
        var loss = new VarifocalLoss();
        Tensor sum = loss.ApplyDense(pred, target, weight, averageFactor: 3), each = loss.ApplyDense(pred, target,
            reduction: Reduction.None);
        double expected = Enumerable.Range(0, 6).Sum(i => weights[i / 3] * Entry(i, logits[i])) / 3;
        Assert.Equal(expected, sum.ToArray()[0], 1e-6);
        sum.Backward();
        for (int i = 0; i < 6; i++) {
            Assert.Equal(Entry(i, logits[i]), each.ToArray()[i], 1e-6);
            double slope = (Entry(i, logits[i] + 1e-5) - Entry(i, logits[i] - 1e-5)) / 2e-5;
            Assert.Equal(weights[i / 3] * slope / 3, pred.Grad!.ToArray()[i], 1e-6);
        }
    }

    [Fact]
    public void Binary_cross_entropy_leaves_out_what_is_below_zero() {
        using var scope = new TensorScope();
        float[] logits = [0.5f, -1, 2, 3], soft = [0.25f, -1, 1, -100];
        Tensor pred = Tensor.From(logits, [4]);
        double Cost(int i) => Math.Log(1 + Math.Exp(logits[i])) - logits[i] * soft[i];
        var loss = new CrossEntropyLoss(UseSigmoid: true);
        Assert.Equal((Cost(0) + Cost(2)) / 4, loss.Apply(pred, Tensor.From(soft, [4])).ToArray()[0], 1e-6);
        Tensor labelled = loss.Apply(Op.Reshape(pred, 2, 2), Tensor.From([1, -1], [2]), reduction: Reduction.None);
        Assert.Equal([MathF.Log(1 + MathF.Exp(0.5f)), MathF.Log(1 + MathF.Exp(1)), 0, 0], labelled.ToArray(),
            (expected, actual) => Math.Abs(expected - actual) < 1e-6);
    }

    [Fact]
    public void Softmax_cross_entropy_leaves_out_the_ignored() {
        using var scope = new TensorScope();
        Tensor pred = Tensor.Zeros([3, 4]);
        var loss = new CrossEntropyLoss(IgnoreIndex: 255);
        Assert.Equal(2 * Math.Log(4) / 3, loss.Apply(pred, Tensor.From([1, 255, 0], [3])).ToArray()[0], 1e-6);
        Assert.Contains("leaves out labels below 0, not 255", Assert.Throws<ShapeException>(() =>
            new CrossEntropyLoss(UseSigmoid: true, IgnoreIndex: 255).Apply(pred, Tensor.From([1, 255, 0], [3]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Sum_of_bins_is_as_many_times_their_mean() {
        using var scope = new TensorScope();
        Tensor pred = Tensor.From([1f, 2, 3, -1], [1, 4]), soft = Tensor.From([3f, 0, 1, 1], [1, 4]);
        float mean = new KnowledgeDistillationLoss(5).Apply(pred, soft).ToArray()[0];
        Assert.True(mean > 0.1f);
        Assert.Equal(4 * mean, new KnowledgeDistillationLoss(5, SumOfBins: true).Apply(pred, soft).ToArray()[0], 1e-6f);
    }

    private static RegressionLoss Read(string settings) =>
        MmdetHeads.Regression(new ConfigSection("", PythonConfig.Parse($"loss = dict({settings})")).Needed("loss"));
}
