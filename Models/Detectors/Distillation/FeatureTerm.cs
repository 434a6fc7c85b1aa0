using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The cells at which a student's features follow its teacher's.</summary>
public enum FeatureRegion {
    /// <summary>The cells of general instances (Dai et al., 2021): the ten boxes, apart from each other, over whose scores both differ
    /// most; of the whole batch together, as the official code takes them.</summary>
    GeneralInstances,

    /// <summary>Cells whose anchor's IoU with an object exceeds half of the largest that the object has (Wang et al., 2019).</summary>
    FineGrained,

    /// <summary>Cells whose centre lies in an object (what the official code calls fitnet).</summary>
    InsideObjects,

    /// <summary>The positives' cells.</summary>
    Main,

    /// <summary>All cells (Romero et al., 2015).</summary>
    Everything,

    /// <summary>Cells inside objects, and with a weight of their own all others (Guo et al., 2021).</summary>
    Decoupled,

    /// <summary>The same as the official code has it: the student's cells outside are compared with the teacher's inside, which works where
    /// both are equally many, or one of them a single cell.</summary>
    DecoupledOfficial,
}

/// <summary>Feature imitation: the neck's maps of the student follow the teacher's at chosen cells, by the mean squared difference. Levels
/// without a positive have none, as the official code has it.</summary>
/// <param name="Name">What it is called in reports.</param>
public sealed record FeatureTerm(string Name = "loss_im") : DistillationTerm(Name) {
    /// <summary>Multiplies the loss.</summary>
    public float LossWeight { get; init; } = 2;

    /// <summary>Which cells.</summary>
    public FeatureRegion Region { get; init; }

    /// <summary>Multiplies the part outside objects, where cells are decoupled.</summary>
    public float OutsideWeight { get; init; } = 2;

    internal override Tensor OfLevel(DistillationBatch batch, int level) {
        if (LossWeight == 0 || batch.Targets(level).Count == 0) return batch.Nothing(level);
        Tensor student = Cells(batch.Student.Maps[level]), teacher = Cells(batch.Teacher.Maps[level]);
        if (Region == FeatureRegion.Everything) return Mean(student, teacher) * LossWeight;
        if (Region == FeatureRegion.GeneralInstances) return GeneralInstances.Loss(batch, level, student, teacher) * LossWeight;
        int[] cells = FeatureCells.Of(Region, batch, level);
        if (cells.Length == 0) return batch.Nothing(level);
        Tensor inside = Index(cells, student), loss = Mean(Op.IndexSelect(student, inside, 0), Op.IndexSelect(teacher, inside, 0));
        if (Region is FeatureRegion.Decoupled or FeatureRegion.DecoupledOfficial && cells.Length < student.Shape[0]) {
            int[] others = [.. Enumerable.Range(0, student.Shape[0]).Except(cells)];
            Tensor outside = Index(others, student);
            bool own = Region == FeatureRegion.Decoupled;
            Check.That(own || cells.Length == others.Length || cells.Length == 1 || others.Length == 1,
                $"{Name}: the official code cannot compare {others.Length} cells outside objects with {cells.Length} inside.");
            loss += Mean(Op.IndexSelect(student, outside, 0), Op.IndexSelect(teacher, own ? outside : inside, 0)) * OutsideWeight;
        }
        return loss * LossWeight;
    }

    internal override void Validate() {
        CheckWeight("the weight", LossWeight);
        CheckWeight("the weight outside", OutsideWeight);
        if (!Enum.IsDefined(Region)) throw new ConfigException($"{Name}: there is no region {Region}.");
    }

    internal override void CheckFit(DenseDetector student, DenseDetector teacher) {
        (int ours, int theirs) = (((DenseConfig)student.Config).Neck.OutChannels, ((DenseConfig)teacher.Config).Neck.OutChannels);
        if (ours != theirs) throw new ConfigException($"{Name}: the teacher's neck has {theirs} channels, the student's {ours}.");
        var head = (AnchorHead)student.Head;
        if (Region == FeatureRegion.GeneralInstances && head.PerCell > 1)
            throw new ConfigException($"{Name}: general instances need one anchor a cell; the student has {head.PerCell}.");
        if (Region == FeatureRegion.GeneralInstances && head.GivesProbabilities != ((AnchorHead)teacher.Head).GivesProbabilities)
            throw new ConfigException($"{Name}: of student and teacher one has an additional class.");
        if (Region == FeatureRegion.FineGrained && !head.HasSizes)
            throw new ConfigException($"{Name}: fine-grained imitation needs anchors; the student has points.");
    }

    /// <summary>The mean of squared differences; where the numbers of cells differ, one of them is a single cell.</summary>
    private static Tensor Mean(Tensor student, Tensor teacher) {
        Tensor difference = student - teacher;
        return Op.Mean(difference * difference);
    }

    private static Tensor Cells(Tensor map) => Op.Reshape(map, map.Count / map.Shape[3], map.Shape[3]);

    private static Tensor Index(int[] cells, Tensor map) => Tensor.From(cells, [cells.Length], map.Device);
}
