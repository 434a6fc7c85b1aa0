namespace DenseEngine.Models;

/// <summary>Whether a teacher fits a student.</summary>
internal static class TeacherCheck {
    /// <summary>Checks classes, levels, anchors, the preparation of pictures, and what each term needs.</summary>
    /// <exception cref="ConfigException">Something differs; the message says what.</exception>
    public static void Fits(DenseDetector student, DenseDetector teacher, Distillation distillation) {
        (var ours, var theirs) = ((DenseConfig)student.Config, (DenseConfig)teacher.Config);
        Same("classes", ours.Classes.Count, theirs.Classes.Count);
        for (int i = 0; i < ours.Classes.Count; i++) {
            (string mine, string other) = (ours.Classes[i], theirs.Classes[i]);
            if (mine != other && !Numbered(ours.Classes) && !Numbered(theirs.Classes))
                throw new ConfigException($"The teacher does not fit: its class {i} is '{other}', the student's '{mine}'.");
        }
        Same("levels", ours.Strides.Count, theirs.Strides.Count);
        Same("strides", string.Join(", ", ours.Strides), string.Join(", ", theirs.Strides));
        Same("anchors a cell", ((AnchorHead)student.Head).PerCell, ((AnchorHead)teacher.Head).PerCell);
        Same("means", string.Join(", ", ours.Input.Mean), string.Join(", ", theirs.Input.Mean));
        Same("deviations", string.Join(", ", ours.Input.Std), string.Join(", ", theirs.Input.Std));
        Same("order of colours", ours.Input.ToRgb ? "RGB" : "BGR", theirs.Input.ToRgb ? "RGB" : "BGR");
        foreach (DistillationTerm term in distillation.Terms) term.CheckFit(student, teacher);
    }

    /// <summary>Refuses heads whose boxes are no distributions over the same bins.</summary>
    public static void Bins(DenseDetector student, DenseDetector teacher) {
        (int ours, int theirs) = (((AnchorHead)student.Head).EdgeBins, ((AnchorHead)teacher.Head).EdgeBins);
        Same("bins of an edge", ours, theirs);
        if (ours == 0) throw new ConfigException("Localization distillation needs boxes as distributions; student and teacher have none.");
    }

    /// <summary>What a student's configuration says of its teacher, with the classes that the teacher's file names, or else the student's;
    /// null if nothing.</summary>
    public static DetectorConfig? ConfigOf(DetectorConfig student, IReadOnlyList<string>? classes) {
        Distillation? distillation = (student as DenseConfig)?.Distillation;
        DetectorConfig? said = distillation?.Teacher ?? (distillation?.TeacherName is { } name ? Presets.Find(name) : null);
        return said is null ? null : said with { Classes = classes ?? student.Classes, Input = student.Input };
    }

    private static bool Numbered(IReadOnlyList<string> classes) => classes.Select((name, i) => name == $"class {i}").All(same => same);

    private static void Same<T>(string what, T ours, T theirs) {
        if (!Equals(ours, theirs))
            throw new ConfigException(FormattableString.Invariant($"The teacher does not fit: its {what}: {theirs}; the student's: {ours}."));
    }
}
