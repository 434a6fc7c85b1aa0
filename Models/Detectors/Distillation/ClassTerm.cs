namespace DenseEngine.Models;

/// <summary>Knowledge distillation on the classes (Hinton et al., 2015): the student's class logits follow the teacher's, as a distribution
/// over classes though each is a probability of its own. A level's loss is the mean over its rows.</summary>
/// <param name="Name">What it is called in reports.</param>
public sealed record ClassTerm(string Name = "loss_kd") : DistillationTerm(Name) {
    /// <summary>The loss on distributions.</summary>
    public KnowledgeDistillationLoss Loss { get; init; } = new(2, 10);

    /// <summary>Where it is taken; its weights do not count.</summary>
    public DistillationRegion Region { get; init; } = new MainRegion();

    internal override Tensor OfLevel(DistillationBatch batch, int level) {
        RegionRows rows = batch.Rows(Region, level);
        if (rows.Count == 0 || Loss.LossWeight == 0) return batch.Nothing(level);
        (Tensor student, Tensor teacher) = batch.Logits(level, rows.Index);
        return Loss.Apply(student, teacher, rows.LabelWeights, averageFactor: rows.Count);
    }

    internal override void Validate() {
        CheckLoss(Loss);
        Region.Validate();
    }

    internal override void CheckFit(DenseDetector student, DenseDetector teacher) {
        if (((AnchorHead)student.Head).GivesProbabilities || ((AnchorHead)teacher.Head).GivesProbabilities)
            throw new ConfigException($"{Name}: class logits are needed; GFL v2 has probabilities.");
        Region.Check(student);
    }
}
