using System.Text.Json.Serialization;

namespace DenseEngine.Models;

/// <summary>A term of the loss that compares a student with its teacher.</summary>
/// <param name="Name">What it is called in reports.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(LocalizationTerm), "Localization")]
[JsonDerivedType(typeof(ClassTerm), "Classes")]
[JsonDerivedType(typeof(FeatureTerm), "Features")]
[JsonDerivedType(typeof(PseudoBoxTerm), "PseudoBoxes")]
[JsonDerivedType(typeof(TeacherBoundTerm), "TeacherBound")]
public abstract record DistillationTerm(string Name) {
    /// <summary>One level's loss, a scalar; its gradient flows to the student alone.</summary>
    internal abstract Tensor OfLevel(DistillationBatch batch, int level);

    /// <summary>Checks its settings, which may come from a file.</summary>
    /// <exception cref="ConfigException">They are out of range.</exception>
    internal abstract void Validate();

    /// <summary>Checks that it can compare these two.</summary>
    /// <exception cref="ConfigException">It cannot; the message says why.</exception>
    internal virtual void CheckFit(DenseDetector student, DenseDetector teacher) {
    }

    /// <summary>Refuses weights that are no numbers, negative or not finite.</summary>
    private protected void CheckWeight(string what, float value, bool zero = true) {
        if (!(float.IsFinite(value) && (zero ? value >= 0 : value > 0)))
            throw new ConfigException(FormattableString.Invariant($"{Name}: {what} {value} must be {(zero ? "at least" : "above")} 0."));
    }

    /// <summary>Refuses settings of a loss on distributions that mean nothing.</summary>
    private protected void CheckLoss(KnowledgeDistillationLoss loss) {
        CheckWeight("the weight", loss.LossWeight);
        if (!(loss.Temperature >= 1 && float.IsFinite(loss.Temperature)))
            throw new ConfigException(FormattableString.Invariant($"{Name}: the temperature {loss.Temperature} must be at least 1."));
    }
}
