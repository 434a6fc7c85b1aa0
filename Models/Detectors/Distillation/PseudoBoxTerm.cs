namespace DenseEngine.Models;

/// <summary>The simple way to learn boxes from a teacher, to which distributions are the contrast: the teacher's boxes are taken for
/// objects. A level's loss is the mean over its rows, each weighted by the region.</summary>
/// <param name="Name">What it is called in reports.</param>
public sealed record PseudoBoxTerm(string Name = "loss_pseudo") : DistillationTerm(Name) {
    /// <summary>The loss on boxes.</summary>
    public BoxLoss Loss { get; init; } = new GiouLoss(2);

    /// <summary>Where it is taken.</summary>
    public DistillationRegion Region { get; init; } = new MainRegion();

    internal override Tensor OfLevel(DistillationBatch batch, int level) {
        RegionRows rows = batch.Rows(Region, level);
        if (rows.Count == 0) return batch.Nothing(level);
        (Tensor student, Tensor teacher) = batch.Boxes(level, rows.Rows);
        return Loss.Apply(student, teacher, rows.Weights, averageFactor: rows.Count);
    }

    internal override void Validate() {
        CheckWeight("the weight", Loss.LossWeight);
        Region.Validate();
    }

    internal override void CheckFit(DenseDetector student, DenseDetector teacher) => Region.Check(student);
}
