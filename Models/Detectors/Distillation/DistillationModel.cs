namespace DenseEngine.Models;

/// <summary>Localization distillation's published configurations (Zheng et al., 2022): students of GFL. Its model holds no options of its own: what
/// it reads is the student's configuration, with the distillation in it.</summary>
internal sealed class DistillationModel : IMmdetModel, IPresets {
    private const string Strong = "gfl/gfl_r101_fpn_mstrain_2x_coco", Deformable = "gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco";

    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["ld/ld_r18_gflv1_r101_fpn_coco_1x"] = Student(18, Strong),
        ["ld/ld_r34_gflv1_r101_fpn_coco_1x"] = Student(34, Strong),
        ["ld/ld_r50_gflv1_r101_fpn_coco_1x"] = Student(50, Strong),
        ["ld/ld_r101_gflv1_r101dcn_fpn_coco_2x"] = Student(101, Deformable) with { Training = TwiceAsLong },
        ["ld/ld_r18_demo"] = GflConfig.Demo(["circle", "square", "triangle", "star", "cross"]) with {
            WeightSum = WeightSum.PlusEpsilon,
            Distillation = new() { TeacherName = "gfl/gfl_r18_demo" },
        },
        ["ld_official/ld_r18_gflv1_r101_fpn_coco_1x"] = Official(18, Strong, OfficialTerms()),
        ["ld_official/ld_r34_gflv1_r101_fpn_coco_1x"] = Official(34, Strong, OfficialTerms()),
        ["ld_official/ld_r50_gflv1_r101_fpn_coco_1x"] =
            Official(50, Strong, OfficialTerms(new() { Region = FeatureRegion.FineGrained }), 0.0025f, 2),
        ["ld_official/ld_r101_gflv1_r101dcn_fpn_coco_2x"] = Official(101, Deformable, OfficialTerms()) with {
            Training = TwiceAsLong with { LearningRate = 0.00375f, ReferenceBatch = 24, BatchSize = 3 },
        },
        ["ld_official/ld_r18_gflv1_r101_fpn_voc_1x"] = Official(18, "gfl/gfl_r101_fpn_voc", OfficialTerms()) with {
            Classes = [.. Enumerable.Range(0, 20).Select(i => $"class {i}")],
            BoxLoss = new CiouLoss(2),
            Training = new() { LearningRate = 0.00375f, ReferenceBatch = 24, BatchSize = 3, Steps = [3] },
        },
    };

    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["ld_official/ld_r18_self_2x_3x_voc"] = "a train_cfg and a test_cfg, which its text lacks",
        ["ld_official/ld_r50_atss_r101_1x"] = "ATSS with boxes as distributions",
        ["ld_official/ld_r50_fcos_r101_1x"] = "FCOS with boxes as distributions",
        ["ld_official/ld_retina_r50_1x"] = "RetinaNet with boxes as distributions",
    };

    static string IMmdetModel.ModelType => "KnowledgeDistillationSingleStageDetector";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, "LDHead");
        GflConfig student = GflConfig.Read(text, head, classes) with { WeightSum = WeightSum.PlusEpsilon };
        text.Model.Only("eval_teacher", true);
        text.Model.Ignore("teacher_ckpt");   // a place on another machine
        return student with { Distillation = MmdetTeacher.Read(text, classes) with { Terms = Terms(text.Model, head) } };
    }

    /// <summary>mmdetection's head has the main term alone. The official one asks for the necks' maps or for another term by name, and
    /// has all of them by default.</summary>
    private static DistillationTerm[] Terms(ConfigSection model, ConfigSection head) {
        KnowledgeDistillationLoss loss = head.Section("loss_ld") is { } main ? MmdetHeads.KnowledgeDistillation(main) : new(10, 0.25f);
        bool official = model.Bool("output_feature", false) || head.Has("loss_ld_vlr") || head.Has("loss_kd") || head.Has("loss_im")
            || head.Has("imitation_method");
        if (!official) return [new LocalizationTerm { Loss = loss }];
        KnowledgeDistillationLoss valuable = head.Section("loss_ld_vlr") is { } region ? MmdetHeads.KnowledgeDistillation(region) : new(10, 0.25f),
            classes = head.Section("loss_kd") is { } ofClasses ? MmdetHeads.KnowledgeDistillation(ofClasses) : new(2, 10);
        return [
            new LocalizationTerm { Loss = loss },
            new LocalizationTerm("loss_ld_vlr") { Loss = valuable, Region = new ValuableRegion(), Divisor = 16 },
            new ClassTerm { Loss = classes },
            new ClassTerm("loss_kd_neg") { Loss = classes with { LossWeight = 0 }, Region = new ValuableRegion() },
            Imitation(head),
        ];
    }

    private static FeatureTerm Imitation(ConfigSection head) {
        ConfigSection? loss = head.Section("loss_im");
        loss?.Type("IMLoss");
        loss?.Only("reduction", "mean");
        return new FeatureTerm {
            LossWeight = loss?.Float("loss_weight", 1) ?? 0,
            Region = head.Text("imitation_method", "gibox") switch {
                "gibox" => FeatureRegion.GeneralInstances,
                "finegrained" => FeatureRegion.FineGrained,
                "fitnet" => FeatureRegion.InsideObjects,
                "decouple" => FeatureRegion.DecoupledOfficial,
                _ => throw head.Unsupported("imitation_method"),
            },
        };
    }

    private static DistillationTerm[] OfficialTerms(FeatureTerm? imitation = null) => [
        new LocalizationTerm(),
        new LocalizationTerm("loss_ld_vlr") { Region = new ValuableRegion(), Divisor = 16 },
        new ClassTerm(),
        new ClassTerm("loss_kd_neg") { Loss = new(2, 0), Region = new ValuableRegion() },
        imitation ?? new() { LossWeight = 0 },
    ];

    private static TrainingRecipe TwiceAsLong => new() { Epochs = 24, Steps = [16, 22], Scales = [[1333, 480], [1333, 800]] };

    private static GflConfig Student(int depth, string teacher) => new() {
        Backbone = new() { Depth = depth, FrozenStages = 1 },
        WeightSum = WeightSum.PlusEpsilon,
        Distillation = new() { TeacherName = teacher },
    };

    private static GflConfig Official(int depth, string teacher, IReadOnlyList<DistillationTerm> terms, float rate = 0.00375f, int batch = 3) =>
        Student(depth, teacher) with {
            Distillation = new() { TeacherName = teacher, Terms = terms },
            Training = new() { LearningRate = rate, ReferenceBatch = 8 * batch, BatchSize = batch },
        };
}
