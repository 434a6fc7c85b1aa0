namespace DenseEngine.Models;

/// <summary>Reads what a student's text says of its teacher, <c>teacher_config</c>: the teacher's own text, or the name of its file, of
/// which the last two parts are a preset's name.</summary>
internal static class MmdetTeacher {
    /// <summary>The teacher; what is learnt from it is left to the reader of the student.</summary>
    /// <param name="text">The student's text.</param>
    /// <param name="classes">The classes' names.</param>
    public static Distillation Read(MmdetText text, MmdetClasses classes) {
        if (text.Model.Value("teacher_config") is PythonText path) return new Distillation { TeacherName = Named(path.Value) };
        if (text.Model.Section("teacher_config") is not { } root) return new Distillation();
        root.IgnoreAll();
        var teacher = new MmdetText(root);
        teacher.TestConfig?.IgnoreAll();   // a teacher detects nothing
        DetectorConfig config = MmdetConfig.Network(teacher, classes);
        teacher.Done();
        return new Distillation { Teacher = config };
    }

    /// <summary><c>configs/gfl/gfl_r50_fpn_1x_coco.py</c> is the preset <c>gfl/gfl_r50_fpn_1x_coco</c>.</summary>
    private static string Named(string path) {
        string[] parts = path.Split('/', '\\');
        string name = string.Join('/', parts[Math.Max(0, parts.Length - 2)..]);
        return name.EndsWith(".py", StringComparison.Ordinal) ? name[..^3] : name;
    }
}
