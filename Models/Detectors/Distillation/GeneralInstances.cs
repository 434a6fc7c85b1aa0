using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>General instances (Dai et al., 2021): where student and teacher differ most in a class score. The box there is that of the one
/// with the higher score; of boxes that overlap only the one with the largest difference counts. All of it stays on the device: a
/// fixed number of choices, each of which ends the chances of what it overlaps.</summary>
internal static class GeneralInstances {
    private const int Most = 10;
    private const float Overlap = 0.3f;

    /// <summary>More than any score.</summary>
    private const float Out = 4;

    /// <summary>The mean squared difference of both maps' rows at the instances of a level.</summary>
    public static Tensor Loss(DistillationBatch batch, int level, Tensor student, Tensor teacher) {
        (Tensor cells, Tensor counts) = Choose(batch, level);
        Tensor difference = Op.IndexSelect(student, cells, 0) - Op.IndexSelect(teacher, cells, 0);
        return Op.Sum(Op.Mean(difference * difference, [1]) * counts) / Op.Sum(counts);
    }

    /// <summary>Rows [K], and 1 or 0 [K] for whether there was anything left to choose.</summary>
    private static (Tensor Cells, Tensor Counts) Choose(DistillationBatch batch, int level) {
        using var noGrad = new NoGrad();
        (Tensor scores, Tensor boxes) = Differences(batch, level);
        var cells = new List<Tensor>();
        var counts = new List<Tensor>();
        for (int i = 0; i < Math.Min(Most, scores.Count); i++) {
            Tensor best = Op.Reshape(Op.ArgMax(scores), 1);
            cells.Add(best);
            counts.Add(Indicator.NotNegative(Op.IndexSelect(scores, best, 0)));
            Tensor overlaps = Op.Reshape(Op.BoxIou(boxes, Op.IndexSelect(boxes, best, 0)), scores.Count);
            scores = scores - Indicator.Positive(overlaps - Overlap) * Out;
            scores = Op.ScatterAdd(scores, best, Tensor.Full([1], -Out, scores.Device), 0);
        }
        return (Op.Concat(cells, 0), Op.Concat(counts, 0));
    }

    /// <summary>The largest difference of class scores at each row [R], and the box of whose score is the higher [R,4].</summary>
    private static (Tensor Scores, Tensor Boxes) Differences(DistillationBatch batch, int level) {
        (DetectorView student, DetectorView teacher) = (batch.Student, batch.Teacher);
        Tensor more = teacher.Head.Probabilities(teacher.Outputs[level].Scores) - student.Head.Probabilities(student.Outputs[level].Scores);
        int classes = more.Shape[3];
        more = Op.Reshape(more, more.Count / classes, classes);
        Tensor above = Op.Amax(more, [1]), below = Op.Neg(Op.Amin(more, [1]));
        Tensor ofTeacher = Op.Reshape(Indicator.NotNegative(above - below), above.Count, 1);
        (Tensor ours, Tensor theirs) = batch.Boxes(level);
        return (Op.Maximum(above, below), theirs * ofTeacher + ours * (1 - ofTeacher));
    }
}
