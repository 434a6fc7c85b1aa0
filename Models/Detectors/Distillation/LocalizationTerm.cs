namespace DenseEngine.Models;

/// <summary>Localization distillation (Zheng et al., 2022, equation 5): the student's edge distributions follow the teacher's.</summary>
/// <param name="Name">What it is called in reports.</param>
public sealed record LocalizationTerm(string Name = "loss_ld") : DistillationTerm(Name) {
    /// <summary>The loss on distributions.</summary>
    public KnowledgeDistillationLoss Loss { get; init; } = new(10, 0.25f);

    /// <summary>Where it is taken.</summary>
    public DistillationRegion Region { get; init; } = new MainRegion();

    /// <summary>Divides a level's sum over edges: 4 makes it one of boxes.</summary>
    public float Divisor { get; init; } = 4;

    /// <summary>Whether all edges of a box make one distribution, as the official code for RetinaNet has it; else each its own.</summary>
    public bool EdgesTogether { get; init; }

    internal override Tensor OfLevel(DistillationBatch batch, int level) {
        RegionRows rows = batch.Rows(Region, level);
        if (rows.Count == 0 || Loss.LossWeight == 0) return batch.Nothing(level);
        (Tensor student, Tensor teacher) = batch.Edges(level, rows.Index, EdgesTogether);
        return Loss.Apply(student, teacher, EdgesTogether ? rows.Weights : DistillationBatch.OfEdges(rows.Weights), averageFactor: Divisor);
    }

    internal override void Validate() {
        CheckLoss(Loss);
        CheckWeight("the divisor", Divisor, zero: false);
        Region.Validate();
    }

    internal override void CheckFit(DenseDetector student, DenseDetector teacher) {
        TeacherCheck.Bins(student, teacher);
        Region.Check(student);
    }
}
