namespace DenseEngine.Models;

/// <summary>What a student learns from a teacher beside its own losses. It belongs to the student's training alone: a detector with it
/// detects as one without, and its state holds nothing of the teacher.</summary>
public sealed record Distillation {
    /// <summary>The terms, in the order in which they are reported.</summary>
    public IReadOnlyList<DistillationTerm> Terms { get; init; } = [new LocalizationTerm()];

    /// <summary>What the teacher is, for a checkpoint that does not say it of itself; null if unknown.</summary>
    public DetectorConfig? Teacher { get; init; }

    /// <summary>The name of the teacher's published configuration, likewise.</summary>
    public string? TeacherName { get; init; }

    internal void Validate(string title) {
        if (Terms.Count is 0 or > 32 || Terms.Contains(null!)) throw new ConfigException($"{title}: distillation needs 1 to 32 terms.");
        if (Terms.GroupBy(term => term.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ConfigException($"{title}: two terms of the distillation are called '{twice.Key}'.");
        foreach (DistillationTerm term in Terms) term.Validate();
    }
}
