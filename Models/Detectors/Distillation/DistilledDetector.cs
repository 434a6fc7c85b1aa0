using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DenseEngine.Models;

/// <summary>A student in training beside its teacher (mmdetection's <c>KnowledgeDistillationSingleStageDetector</c>). State, configuration
/// and detections are the student's alone; the teacher is frozen, stays in evaluation mode, gets no gradient and is not saved. Both are
/// owned: disposing of it disposes of them.</summary>
public sealed class DistilledDetector : Detector {
    private readonly DenseDetector student, teacher;
    private readonly Distillation distillation;
    private string? digest;

    /// <summary>A student and its teacher.</summary>
    /// <param name="student">Whose configuration says what is distilled.</param>
    /// <param name="teacher">The teacher, with its weights.</param>
    /// <exception cref="ConfigException">They do not fit each other: classes, levels, anchors, bins or the preparation of pictures differ;
    /// or the student's configuration says nothing of distillation.</exception>
    public DistilledDetector(Detector student, Detector teacher) : base(student.Config) {
        distillation = (student.Config as DenseConfig)?.Distillation
            ?? throw new ConfigException("The configuration says nothing of distillation, so there is nothing to learn from a teacher.");
        this.student = Dense(student, "student");
        this.teacher = Dense(teacher, "teacher");
        TeacherCheck.Fits(this.student, this.teacher, distillation);
        teacher.Freeze();
        teacher.Train(false);
        Train(student.IsTraining);
    }

    /// <summary>Identifies the teacher: a hash over all of its state, so that a training is not resumed with another one.</summary>
    public string TeacherDigest => digest ??= Digest();

    /// <summary>The student alone.</summary>
    public DenseDetector Student => student;

    /// <summary>The teacher.</summary>
    public DenseDetector Teacher => teacher;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => student.Children;

    /// <summary>Opens a teacher's checkpoint for a student.</summary>
    /// <param name="student">The student; it is the result's from then on.</param>
    /// <param name="path">The teacher's file. Where it does not say of which network it is, the student's configuration may.</param>
    /// <exception cref="ConfigException">The teacher does not fit, or is not supported.</exception>
    /// <exception cref="CheckpointException">The file is no checkpoint, is broken, or nobody says of which network it is.</exception>
    public static DistilledDetector Open(Detector student, string path) {
        CheckpointFile file = CheckpointFile.Open(path);
        Detector? teacher = null;
        try {
            DetectorConfig? known = ConfigOf(file) ?? TeacherCheck.ConfigOf(student.Config, ClassesOf(file));
            teacher = Load(file, known, leaveOpen: false);
            return new DistilledDetector(student, teacher);
        } catch (Exception e) {
            teacher?.Dispose();
            file.Dispose();
            if (e is ConfigException && !e.Message.StartsWith(path, StringComparison.Ordinal))
                throw new ConfigException($"{path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The student's terms, then those of the distillation.</summary>
    /// <inheritdoc/>
    protected override IReadOnlyList<LossTerm> BatchLosses(Tensor batch, IReadOnlyList<ImageInfo> images, IReadOnlyList<GroundTruth> truths,
        RandomChoice? choice) {
        DetectorView ofStudent = View(student, batch), ofTeacher;
        using (new NoGrad()) ofTeacher = View(teacher, batch);
        HeadAssignment[] assigned = student.Head.AssignAll(ofStudent.Outputs, images, truths);
        var both = new DistillationBatch(ofStudent, ofTeacher, images, truths, assigned);
        return [.. student.Head.LossesOf(ofStudent.Outputs, assigned, truths), .. distillation.Terms.Select(term =>
            student.Head.Term(term.Name, [.. ofStudent.Outputs.Select((_, level) => term.OfLevel(both, level))]))];
    }

    /// <inheritdoc/>
    public override void Train(bool training = true) {
        base.Train(training);
        student.Train(training);
    }

    /// <inheritdoc/>
    public override void To(Device device) {
        student.To(device);
        teacher.To(device);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Detections> DetectBatch(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) =>
        student.Detect(batch, images, rescale);

    private protected override Detector Another() => new DistilledDetector(Build(Config), Build(teacher.Config));

    private protected override void Free() {
        student.Dispose();
        teacher.Dispose();
    }

    private string Digest() {
        using var scope = new TensorScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, Tensor tensor) in teacher.StateDict()) {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(tensor.DType == DType.Float32 ? MemoryMarshal.AsBytes<float>(tensor.ToArray())
                : MemoryMarshal.AsBytes<int>(tensor.ToIntArray()));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static DetectorView View(DenseDetector detector, Tensor batch) {
        (Tensor[] levels, IReadOnlyList<HeadOutput> outputs) = detector.View(batch);
        return new DetectorView((AnchorHead)detector.Head, levels, outputs);
    }

    private static DenseDetector Dense(Detector detector, string who) => detector is DenseDetector { Head: AnchorHead } dense ? dense
        : throw new ConfigException($"The {who} is no dense detector of one stage.");
}
