using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Regression bounded by the teacher (Chen et al., 2017, equation 4): a positive's squared distance from its object counts while
/// it exceeds the teacher's by a margin's less; where the student is better than that, nothing. Distances are in strides; a level's loss is
/// the mean over its positives.</summary>
/// <param name="Name">What it is called in reports.</param>
public sealed record TeacherBoundTerm(string Name = "loss_bound") : DistillationTerm(Name) {
    /// <summary>Multiplies the loss.</summary>
    public float LossWeight { get; init; } = 0.5f;

    /// <summary>By how much the student must be better for its loss to end.</summary>
    public float Margin { get; init; }

    internal override Tensor OfLevel(DistillationBatch batch, int level) {
        RegionRows rows = batch.Rows(new MainRegion(), level);
        if (rows.Count == 0) return batch.Nothing(level);
        (Tensor student, Tensor teacher) = batch.Boxes(level, rows.Rows);
        Tensor truth = batch.TrueBoxes(level), error = Error(student, truth);
        Tensor open = Indicator.Positive(error + Margin - Error(teacher, truth));
        return Op.Mean(error * open) * LossWeight;
    }

    internal override void Validate() {
        CheckWeight("the weight", LossWeight);
        CheckWeight("the margin", Margin);
    }

    private static Tensor Error(Tensor boxes, Tensor truth) {
        Tensor difference = boxes - truth;
        return Op.Sum(difference * difference, [1]);
    }
}
