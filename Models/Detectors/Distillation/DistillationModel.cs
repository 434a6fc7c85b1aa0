namespace DenseEngine.Models;

/// <summary>Localization distillation's published configurations (Zheng et al., 2022): students of GFL. Its model holds no options of its
/// own: what it reads is the student's configuration, with the distillation in it.</summary>
internal sealed class DistillationModel : IMmdetModel, IPresets {
    private const string Strong = "gfl/gfl_r101_fpn_mstrain_2x_coco", Deformable = "gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco",
        DemoTeacher = "gfl/gfl_r18_demo";

    private static readonly string[] Heads = ["LDHead", "LDATSSHead", "LDRetinaHead", "LDFCOSHead"];

    public static IReadOnlyDictionary<string, DetectorConfig> Presets { get; } = new Dictionary<string, DetectorConfig> {
        ["ld/ld_r18_gflv1_r101_fpn_coco_1x"] = Student(18, Strong),
        ["ld/ld_r34_gflv1_r101_fpn_coco_1x"] = Student(34, Strong),
        ["ld/ld_r50_gflv1_r101_fpn_coco_1x"] = Student(50, Strong),
        ["ld/ld_r101_gflv1_r101dcn_fpn_coco_2x"] = Student(101, Deformable) with { Training = TwiceAsLong },
        ["gfl/gfl_r18_small_demo"] = SmallStudent,
        ["ld/ld_r18_demo"] = SmallStudent with { WeightSum = WeightSum.PlusEpsilon, Distillation = new() { TeacherName = DemoTeacher } },
        ["ld_official/ld_r18_demo"] = SmallStudent with {
            WeightSum = WeightSum.PlusEpsilon,
            // The class term is a mean over classes, and its weight is for 80 of them: with five it would outweigh all else.
            Distillation = new() { TeacherName = DemoTeacher, Terms = OfficialTerms(classWeight: 10f * 5 / 80) },
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
        ["ld_official/ld_r50_atss_r101_1x"] =
            new AtssConfig { RegMax = 16, Distillation = Other("gfl/atss_gfl_r101_2x", 0.25f, 0.15f, AtssTerm, 2) },
        ["ld_official/ld_retina_r50_1x"] = new RetinaConfig {
            RegMax = 16,
            BoxLoss = new GiouLoss(2),
            Test = new(),
            Training = new() { LearningRate = 0.0025f },
            Distillation = Other("gfl/retinagfl_r101_2x_coco", 5, 0.03f, RetinaTerm, 8),
        },
        ["ld_official/ld_r50_fcos_r101_1x"] = Variants.Caffe(new FcosConfig(), Variants.CaffeMean) with {
            RegMax = 16,
            CenterSampling = true,
            CenternessOnReg = true,
            BoxLoss = new GiouLoss(),
            Test = new(),
            Training = new() { BiasRateFactor = 2, BiasDecayFactor = 0, WarmupRatio = 1f / 3 },
            Distillation = Other("gfl/fcos_gfl_r101_2x_center", 0.25f, 0.25f, FcosTerm, 2),
        },
    };

    public static IReadOnlyDictionary<string, string> Unsupported { get; } = new Dictionary<string, string> {
        ["ld_official/ld_r18_self_2x_3x_voc"] = "a train_cfg and a test_cfg, which its text lacks",
    };

    static string IMmdetModel.ModelType => "KnowledgeDistillationSingleStageDetector";

    static DetectorConfig IMmdetModel.FromMmdet(MmdetText text, MmdetClasses classes) {
        ConfigSection head = MmdetDense.Head(text, Heads);
        text.Model.Only("eval_teacher", true);
        text.Model.Ignore("teacher_ckpt");   // a place on another machine
        (DenseConfig student, IReadOnlyList<DistillationTerm> terms) = head.Type(Heads) switch {
            "LDHead" => ((DenseConfig)(GflConfig.Read(text, head, classes) with { WeightSum = WeightSum.PlusEpsilon }),
                Terms(text.Model, head)),
            "LDATSSHead" => (AtssConfig.Read(text, head, classes, distributions: true), OtherTerms(head, 0.15f, AtssTerm)),
            "LDRetinaHead" => (RetinaConfig.Read(text, head, classes, distributions: true), OtherTerms(head, 0.03f, RetinaTerm)),
            _ => (FcosConfig.Read(text, head, classes, distributions: true), OtherTerms(head, 0.25f, FcosTerm)),
        };
        return student with { Distillation = MmdetTeacher.Read(text, classes) with { Terms = terms } };
    }

    /// <summary>mmdetection's head has the main term alone. The official one asks for the necks' maps or for another term by name, and
    /// has all of them by default.</summary>
    private static DistillationTerm[] Terms(ConfigSection model, ConfigSection head) {
        KnowledgeDistillationLoss loss = Loss(head, "loss_ld", new(10, 0.25f));
        bool official = model.Bool("output_feature", false) || head.Has("loss_ld_vlr") || head.Has("loss_kd") || head.Has("loss_im")
            || head.Has("imitation_method");
        if (!official) return [new LocalizationTerm { Loss = loss }];
        KnowledgeDistillationLoss ofClasses = Loss(head, "loss_kd", new(2, 10));
        return [
            new LocalizationTerm { Loss = loss },
            new LocalizationTerm("loss_ld_vlr") { Loss = Loss(head, "loss_ld_vlr", new(10, 0.25f)), Region = new ValuableRegion(),
                Divisor = 16 },
            new ClassTerm { Loss = ofClasses },
            new ClassTerm("loss_kd_neg") { Loss = ofClasses with { LossWeight = 0 }, Region = new ValuableRegion() },
            Imitation(head),
        ];
    }

    /// <summary>The official heads other than GFL's: the term outside the positives has a factor of its own in their code.</summary>
    private static DistillationTerm[] OtherTerms(ConfigSection head, float factor, LocalizationTerm more) {
        KnowledgeDistillationLoss main = Loss(head, "loss_ld", new(10, 0.25f));
        return OtherTerms(main, more with { Loss = main with { LossWeight = factor * main.LossWeight } },
            MmdetHeads.KnowledgeDistillation(head.Needed("loss_kd")));
    }

    private static DistillationTerm[] OtherTerms(KnowledgeDistillationLoss main, LocalizationTerm more,
        KnowledgeDistillationLoss ofClasses) =>
        [new LocalizationTerm { Loss = main, EdgesTogether = more.EdgesTogether }, more, new ClassTerm("loss_cls_kd") { Loss = ofClasses }];

    private static KnowledgeDistillationLoss Loss(ConfigSection head, string key, KnowledgeDistillationLoss usual) =>
        head.Section(key) is { } section ? MmdetHeads.KnowledgeDistillation(section) : usual;

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

    private static LocalizationTerm AtssTerm => new("loss_ld_neg") { Region = new ValuableRegion() };

    private static LocalizationTerm FcosTerm => new("loss_ld_neg") { Region = new NegativeRegion(InsideObjects: true) };

    private static LocalizationTerm RetinaTerm =>
        new("loss_ld_vlr") { Region = new ValuableRegion(WithoutPositives: true), EdgesTogether = true };

    private static DistillationTerm[] OfficialTerms(FeatureTerm? imitation = null, float classWeight = 10) => [
        new LocalizationTerm(),
        new LocalizationTerm("loss_ld_vlr") { Region = new ValuableRegion(), Divisor = 16 },
        new ClassTerm { Loss = new(2, classWeight) },
        new ClassTerm("loss_kd_neg") { Loss = new(2, 0), Region = new ValuableRegion() },
        imitation ?? new() { LossWeight = 0 },
    ];

    private static TrainingRecipe TwiceAsLong => Variants.TwiceAsLong(new() { Scales = Variants.WideScales });

    /// <summary>The demonstration's network, its backbone half as wide, its towers half as deep.</summary>
    private static GflConfig SmallStudent => GflConfig.Demo(DenseConfig.DemoClasses) with {
        Backbone = new() { Depth = 18, BaseChannels = 8, NormEval = false },
        StackedConvs = 1,
    };

    private static Distillation Other(string teacher, float weight, float factor, LocalizationTerm more, float temperature) => new() {
        TeacherName = teacher,
        Terms = OtherTerms(new(10, weight), more with { Loss = new(10, factor * weight) }, new(temperature, 10)),
    };

    private static GflConfig Student(int depth, string teacher) => new() {
        Backbone = new() { Depth = depth, FrozenStages = 1 },
        WeightSum = WeightSum.PlusEpsilon,
        Distillation = new() { TeacherName = teacher },
    };

    private static GflConfig Official(int depth, string teacher, IReadOnlyList<DistillationTerm> terms, float rate = 0.00375f,
        int batch = 3) =>
        Student(depth, teacher) with {
            Distillation = new() { TeacherName = teacher, Terms = terms },
            Training = new() { LearningRate = rate, ReferenceBatch = 8 * batch, BatchSize = batch },
        };
}
