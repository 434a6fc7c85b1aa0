namespace DenseEngine.Models;

/// <summary>mmdetection's configuration while it is read.</summary>
internal sealed class MmdetText {
    private static readonly string[] OfThree =
        ["default_scope", "train_dataloader", "val_dataloader", "test_dataloader", "optim_wrapper", "param_scheduler"];

    /// <summary>Begins reading.</summary>
    public MmdetText(ConfigSection root) {
        Root = root;
        Model = root.Needed("model");
        IsThree = Model.Has("data_preprocessor") || OfThree.Any(root.Has);
        // Before 2.8 these stood beside the model; in 3.x what stands there are the loops.
        (TrainConfig, TestConfig) = (Settings("train_cfg"), Settings("test_cfg"));
    }

    /// <summary>The whole.</summary>
    public ConfigSection Root { get; }

    /// <summary>The network.</summary>
    public ConfigSection Model { get; }

    /// <summary>Whether it is of mmdetection 3 (on mmengine), else of 2.</summary>
    public bool IsThree { get; }

    /// <summary>How the model learns, if that is said.</summary>
    public ConfigSection? TrainConfig { get; }

    /// <summary>How the model selects detections, if that is said.</summary>
    public ConfigSection? TestConfig { get; }

    /// <summary>Ends the reading of the model.</summary>
    /// <exception cref="ConfigException">There is an option that nobody took.</exception>
    public void Done() {
        Model.Done();
        TrainConfig?.Done();
        TestConfig?.Done();
    }

    private ConfigSection? Settings(string key) => Model.Section(key) ?? (IsThree ? null : Root.Section(key));
}
