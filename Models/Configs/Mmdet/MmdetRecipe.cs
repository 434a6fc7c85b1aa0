namespace DenseEngine.Models;

/// <summary>Reads how a detector was trained. A checkpoint detects whatever its recipe was: what does not fit is listed, not
/// refused.</summary>
internal sealed class MmdetRecipe {
    private const int Devices = 8;   // that mmdetection's published rates are for, if the text does not say the batch

    private readonly List<string> notRead = [];
    private readonly ConfigSection root;
    private TrainingRecipe recipe = new();

    private MmdetRecipe(ConfigSection root) => this.root = root;

    /// <summary>The recipe of a text.</summary>
    public static TrainingRecipe Read(MmdetText text) {
        var reader = new MmdetRecipe(text.Root);
        if (text.IsThree) {
            reader.Part("optim_wrapper", reader.Wrapper);
            reader.Part("train_cfg", reader.Loop);
            reader.Scheduler();
            reader.Part("train_dataloader", loader => {
                reader.recipe = reader.recipe with { BatchSize = loader.Int("batch_size", reader.recipe.BatchSize, 1) };
                loader.IgnoreAll();
            });
            reader.Pipeline("train_dataloader", "dataset");
        } else {
            reader.Part("optimizer", reader.Optimizer);
            reader.Part("optimizer_config", options => {
                options.Ignore("type", "_delete_");
                reader.Clip(options.Section("grad_clip"));
            });
            reader.Part("fp16", _ => { });
            reader.Part(text.Root.Has("runner") ? "runner" : "total_epochs", reader.Loop);
            reader.Part("lr_config", reader.Schedule);
            reader.Part("", whole => {
                ConfigSection owner = whole.Section("data") is { } data && data.Has("samples_per_gpu") ? data : whole;
                reader.recipe = reader.recipe with { BatchSize = owner.Int("samples_per_gpu", reader.recipe.BatchSize, 1) };
            });
            reader.Pipeline("data", "train");
        }
        reader.recipe = reader.recipe with { ReferenceBatch = (int)Math.Min((long)Devices * reader.recipe.BatchSize, int.MaxValue) };
        reader.Part("auto_scale_lr", scale => {
            reader.recipe = reader.recipe with { ReferenceBatch = scale.Int("base_batch_size", reader.recipe.ReferenceBatch, 1) };
            scale.IgnoreAll();
        });
        return reader.recipe with { NotRead = reader.notRead };
    }

    /// <summary>Reads one part, if it is there; what is wrong with it is listed. The empty key is the whole.</summary>
    private void Part(string key, Action<ConfigSection> read) {
        try {
            if (key.Length == 0) {
                read(root);
            } else if (root.Value(key) is PythonInt) {
                recipe = recipe with { Epochs = root.Int(key, least: 1) };   // total_epochs = 12
            } else if (root.Section(key) is { } section) {
                read(section);
                section.Done();
            }
        } catch (ConfigException e) {
            notRead.Add(e.Message);
        }
    }

    private void Wrapper(ConfigSection wrapper) {
        wrapper.Type("OptimWrapper");
        Clip(wrapper.Section("clip_grad"));
        wrapper.Only("accumulative_counts", 1.0);
        wrapper.Ignore("_delete_");
        Biases(wrapper.Section("paramwise_cfg"));
        if (wrapper.Section("optimizer") is { } optimizer) Optimizer(optimizer);
    }

    private void Optimizer(ConfigSection optimizer) {
        bool adam = optimizer.Type("SGD", "Adam") == "Adam";
        optimizer.Ignore("_delete_");
        optimizer.Only("nesterov", false);
        optimizer.Only("dampening", 0.0);
        Biases(optimizer.Section("paramwise_cfg"));
        if (adam) {
            Adam(optimizer);
            return;
        }
        recipe = recipe with {
            LearningRate = optimizer.Float("lr", least: 0),
            Momentum = optimizer.Float("momentum", 0, 0, 1),
            WeightDecay = optimizer.Float("weight_decay", 0, 0),
        };
    }

    private void Adam(ConfigSection optimizer) {
        optimizer.Only("amsgrad", false);
        (double beta1, double beta2) = optimizer.Value("betas") switch {
            null => (0.9, 0.999),
            PythonList { Items: [PythonFloat { Value: >= 0 and < 1 } first, PythonFloat { Value: >= 0 and < 1 } second] } =>
                (first.Value, second.Value),
            _ => throw optimizer.Wrong("betas", "needs two numbers from 0 to below 1"),
        };
        recipe = recipe with {
            Adam = new AdamConfig(beta1, beta2, optimizer.Float("eps", 1e-8f, 0)),
            LearningRate = optimizer.Float("lr", 1e-3f, 0),
            WeightDecay = optimizer.Float("weight_decay", 0, 0),
        };
    }

    /// <summary>Other rates and decays: the biases' are known.</summary>
    private void Biases(ConfigSection? factors) {
        if (factors is null) return;
        recipe = recipe with {
            BiasRateFactor = factors.Float("bias_lr_mult", 1, 0),
            BiasDecayFactor = factors.Float("bias_decay_mult", 1, 0),
        };
    }

    /// <summary>The limit of the gradients.</summary>
    private void Clip(ConfigSection? limit) {
        if (limit is null) return;
        limit.Only("norm_type", 2.0);
        recipe = recipe with { ClipNorm = limit.Float("max_norm", least: float.Epsilon) };
    }

    /// <summary>mmdetection 2: <c>lr_config</c>.</summary>
    private void Schedule(ConfigSection schedule) {
        schedule.Only("policy", "step", "Step");
        schedule.Only("gamma", 0.1);
        schedule.Only("by_epoch", recipe.Iterations is null);
        schedule.Only("warmup_by_epoch", false);
        schedule.Nothing("min_lr");
        schedule.Only("warmup", null, "linear", "constant");
        bool warms = schedule.Has("warmup");
        recipe = recipe with {
            Steps = schedule.Ints("step") ?? throw schedule.Missing("step"),
            WarmupIterations = schedule.Int("warmup_iters", 0, 0) * (warms ? 1 : 0),
            WarmupRatio = schedule.Float("warmup_ratio", 0.1f, 0, 1),
            ConstantWarmup = warms && schedule.Text("warmup") == "constant",
        };
    }

    /// <summary>mmdetection 3: a list of schedules that follow or multiply each other.</summary>
    private void Scheduler() {
        try {
            recipe = recipe with { WarmupIterations = 0 };
            foreach (ConfigSection schedule in root.Sections("param_scheduler") ?? []) {
                if (schedule.Type("LinearLR", "ConstantLR", "MultiStepLR") is var type && type != "MultiStepLR") {
                    schedule.Only("by_epoch", false);
                    schedule.Only("begin", 0.0);
                    bool constant = type == "ConstantLR";
                    if (!constant) schedule.Only("end_factor", 1.0);
                    recipe = recipe with {
                        WarmupIterations = schedule.Int("end", least: 0),
                        WarmupRatio = schedule.Float(constant ? "factor" : "start_factor", 1f / 3, 0, 1),
                        ConstantWarmup = constant,
                    };
                } else {
                    schedule.Only("by_epoch", recipe.Iterations is null);
                    schedule.Only("begin", 0.0);
                    schedule.Only("gamma", 0.1);
                    schedule.Ignore("end");
                    recipe = recipe with { Steps = schedule.Ints("milestones") ?? throw schedule.Missing("milestones") };
                }
                schedule.Done();
            }
        } catch (ConfigException e) {
            notRead.Add(e.Message);
        }
    }

    private void Loop(ConfigSection loop) {
        bool inSteps = loop.Type("EpochBasedRunner", "EpochBasedTrainLoop", "IterBasedRunner", "IterBasedTrainLoop") is "IterBasedRunner"
            or "IterBasedTrainLoop";
        loop.Ignore("val_interval", "val_begin", "_delete_");
        recipe = inSteps ? recipe with { Iterations = loop.Int("max_iters", least: 1) }
            : recipe with { Epochs = loop.Int("max_epochs", least: 1) };
    }

    private void Pipeline(string data, string set) => Part("", _ => {
        ConfigSection? owner = root.Section(data)?.Section(set);
        if (owner is not null && !owner.Has("pipeline") && owner.Has("dataset")) {
            if (owner.Value("type") is PythonText { Value: "RepeatDataset" }) {
                recipe = recipe with { Repeats = owner.Int("times", least: 1, most: 1000) };
            } else {
                notRead.Add(owner.Unsupported("type").Message);
            }
            owner = owner.Section("dataset");
        }
        IReadOnlyList<ConfigSection>? steps =
            owner is not null && owner.Has("pipeline") ? owner.Sections("pipeline") : root.Sections("train_pipeline");
        if (steps is null) return;
        recipe = recipe with { FlipProbability = 0 };
        foreach (ConfigSection step in steps) Step(step);
    });

    private void Step(ConfigSection step) {
        try {
            switch (step.Type("LoadImageFromFile", "LoadAnnotations", "Resize", "RandomResize", "RandomChoiceResize", "RandomFlip",
                "Normalize", "Pad",
                "PhotoMetricDistortion", "RandomCenterCropPad",
                "DefaultFormatBundle", "Collect", "PackDetInputs")) {
                case "RandomFlip":
                    step.Only("direction", "horizontal");
                    string share = step.Has("flip_ratio") ? "flip_ratio" : "prob";
                    step.Ignore("flip_ratio");
                    recipe = recipe with { FlipProbability = step.Value(share) is null or PythonNone ? 0 : step.Float(share, 0, 0, 1) };
                    break;
                case "PhotoMetricDistortion":
                    Colors(step);
                    break;
                case "RandomCenterCropPad":
                    Crop(step);
                    break;
                case "Resize" or "RandomResize" or "RandomChoiceResize":
                    Resize(step);
                    break;
                default:
                    step.IgnoreAll();
                    break;
            }
            step.Done();
        } catch (ConfigException e) {
            notRead.Add(e.Message);
        }
    }

    private void Colors(ConfigSection step) {
        (float Least, float Most) Range(string key) => step.Floats(key) switch {
            null => (0.5f, 1.5f),
            [>= 0 and var least, <= 10 and var most] when least <= most => (least, most),
            _ => throw step.Wrong(key, "needs two factors from 0 to 10"),
        };
        ((float, float) contrast, (float, float) saturation) = (Range("contrast_range"), Range("saturation_range"));
        recipe = recipe with {
            Colors = new ColorDistortion(step.Float("brightness_delta", 32, 0, 255), contrast.Item1, contrast.Item2, saturation.Item1,
                saturation.Item2, step.Float("hue_delta", 18, 0, 360)),
        };
    }

    private void Crop(ConfigSection step) {
        step.Only("test_mode", false);
        step.Only("bbox_clip_border", true);
        step.Ignore("test_pad_mode", "test_pad_add_pix", "std");
        if (step.Ints("crop_size") is not [var height, var width]) throw step.Unsupported("crop_size");
        if (step.Floats("mean") is not { Count: 3 } mean) throw step.Unsupported("mean");
        var crop = new RandomCropPad {
            Height = height,
            Width = width,
            Ratios = step.Value("ratios") is PythonList { Items: var items } ? [.. items.Select(item => item switch {
                PythonFloat ratio => ratio.Value,
                PythonInt => (double)(ConfigSection.AsInt(item) ?? 0),
                _ => throw step.Unsupported("ratios"),
            })] : new RandomCropPad().Ratios,
            Border = step.Int("border", 128),
            Fill = step.Bool("to_rgb") ? [.. mean.Reverse()] : mean,
        };
        step.Check(crop.Validate);
        recipe = recipe with { Crop = crop };
    }

    private void Resize(ConfigSection step) {
        // What is square stays it either way.
        bool square = recipe.Crop is { } crop && crop.Width == crop.Height && step.Ints("img_scale") is [var first, var second]
            && first == second;
        if (square) step.Ignore("keep_ratio");
        else step.Only("keep_ratio", true);
        step.Only("multiscale_mode", "range", "value");
        step.Nothing("ratio_range");
        step.Only("resize_type", "Resize");
        step.Ignore("override", "bbox_clip_border", "clip_object_border", "backend", "interpolation");
        string key = Array.Find(["scales", "img_scale"], step.Has) ?? "scale";
        ScaleMode mode = key == "scales" || step.Value("multiscale_mode") is PythonText { Value: "value" } ? ScaleMode.Value
            : ScaleMode.Range;
        recipe = recipe with { Scales = Scales(step, key, mode), ScaleMode = mode };
    }

    /// <summary>A pair of sides, or a list of pairs: two, if what is between them counts.</summary>
    private static IReadOnlyList<IReadOnlyList<int>> Scales(ConfigSection step, string key, ScaleMode mode) {
        PythonValue[] pairs = step.Value(key) switch {
            PythonList { Items: [PythonInt, PythonInt] } pair => [pair],
            PythonList { Items: [PythonList, ..] } list when list.Items.Count <= (mode == ScaleMode.Value ? 100 : 2) => [.. list.Items],
            null => throw step.Missing(key),
            _ => throw step.Unsupported(key),
        };
        return [.. pairs.Select(pair => pair is PythonList { Items: [var a, var b] } && ConfigSection.AsInt(a) is >= 1 and int first
            && ConfigSection.AsInt(b) is >= 1 and int second ? (IReadOnlyList<int>)[first, second] : throw step.Unsupported(key))];
    }
}
