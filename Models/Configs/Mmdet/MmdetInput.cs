namespace DenseEngine.Models;

/// <summary>Reads how mmdetection prepares a picture for a network: the steps of the test's pipeline, and in 3.x the model's
/// preprocessor.</summary>
internal sealed class MmdetInput {
    private const int MostDivisor = 1024, MostPixels = 1 << 16, MostScales = 16;
    private const double MostScale = 8;

    private readonly bool isThree;
    private InputConfig input = new() { Mean = [0, 0, 0], Std = [1, 1, 1], ToRgb = false, SizeDivisor = 1 };
    private Stage last = Stage.Load;
    private bool resized;
    private ConfigSection? floats, views;   // the steps that ask for pixels as floats, and for several views

    private MmdetInput(bool isThree) => this.isThree = isThree;

    /// <summary>The steps in the order in which they must stand.</summary>
    private enum Stage {
        Load,
        Resize,
        CenterPad,
        Normalize,
        Pad,
        Pack,
    }

    /// <summary>The preparation of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="network">What reads the pictures.</param>
    /// <exception cref="ConfigException">There is none, or it holds steps that are not supported.</exception>
    public static InputConfig Read(MmdetText text, DetectorConfig network) {
        var reader = new MmdetInput(text.IsThree);
        (ConfigSection owner, string key) = Place(text);
        IReadOnlyList<ConfigSection> steps = owner.Sections(key) ?? throw owner.Missing(key);
        foreach (ConfigSection step in steps) reader.Step(step, outer: null);
        if (!reader.resized && reader.input.CenterPad is not null) reader.input = reader.input with { ScaleFactors = [1] };
        else if (!reader.resized) throw owner.Wrong(key, "has no step 'Resize'");
        if (text.IsThree && (text.Model.Section("data_preprocessor") ?? text.Root.Section("data_preprocessor")) is { } preprocessor) {
            if (reader.last is Stage.Normalize or Stage.Pad) throw owner.Wrong(key, "normalises or pads before the model's preprocessor");
            reader.Preprocess(preprocessor);
            preprocessor.Done();
        }
        if (!network.SeesViews && reader.views is { } several) {
            if (reader.input.FlipTest) throw several.Unsupported("flip");
            if (reader.input.ScaleFactors is { Count: > 1 }) throw several.Unsupported("scale_factor");
        }
        // Pixels that are no bytes matter to a resize that computes any, and to no other step.
        if (reader.floats is { } loading && !(reader.input.ScaleFactors?.All(factor => factor == 1) ?? false))
            throw loading.Unsupported("to_float32");
        foreach (ConfigSection step in steps) step.Done();
        return reader.input;
    }

    /// <summary>Where the test's pipeline stands: with its data set, else by itself.</summary>
    private static (ConfigSection Owner, string Key) Place(MmdetText text) {
        ConfigSection root = text.Root;
        ConfigSection? data = root.Section(text.IsThree ? "test_dataloader" : "data");
        if (!text.IsThree && data?.Value("test") is PythonList) throw data.Unsupported("test");   // several data sets
        ConfigSection? set = data?.Section(text.IsThree ? "dataset" : "test");
        return set is not null && set.Has("pipeline") ? (set, "pipeline") : (root, "test_pipeline");
    }

    private void Step(ConfigSection step, ConfigSection? outer) {
        switch (step.Type("LoadImageFromFile", "LoadImageFromWebcam", "MultiScaleFlipAug", "Resize", "RandomFlip", "RandomCenterCropPad",
            "Normalize", "Pad", "LoadAnnotations", "ImageToTensor", "DefaultFormatBundle", "Collect", "PackDetInputs")) {
            case "LoadImageFromFile" or "LoadImageFromWebcam":
                Enter(Stage.Load, step);
                if (step.Bool("to_float32", false)) floats = step;
                step.Only("color_type", "color");
                step.Only("channel_order", "bgr");
                step.Only("imdecode_backend", null, "cv2");
                step.Ignore("file_client_args", "backend_args", "ignore_empty");
                break;
            case "MultiScaleFlipAug" when outer is null:
                views = step;
                input = input with { FlipTest = step.Bool("flip", false) };
                if (input.FlipTest) step.Only("flip_direction", "horizontal");
                else step.Ignore("flip_direction");
                foreach (ConfigSection inner in step.Sections("transforms") ?? throw step.Missing("transforms")) Step(inner, step);
                break;
            case "Resize":
                Enter(Stage.Resize, step);
                Resize(step, outer);
                break;
            case "RandomFlip" when outer is not null:   // it does what the step around it says
                step.IgnoreAll();
                break;
            case "RandomFlip":
                step.Only("prob", null, 0.0);
                step.Only("flip_ratio", null, 0.0);
                step.Ignore("direction");
                break;
            case "RandomCenterCropPad":
                Enter(Stage.CenterPad, step);
                CenterPad(step);
                break;
            case "Normalize":
                Enter(Stage.Normalize, step);
                input = input with { Mean = Channels(step, "mean"), Std = Divisors(step), ToRgb = step.Bool("to_rgb", true) };
                break;
            case "Pad" when input.CenterPad is null:
                Enter(Stage.Pad, step);
                step.Nothing("size");
                step.Only("pad_to_square", false);
                PadValue(step);
                input = input with { SizeDivisor = step.Int("size_divisor", least: 1, most: MostDivisor) };
                break;
            case "LoadAnnotations":
                step.IgnoreAll();
                break;
            case "ImageToTensor" or "DefaultFormatBundle" or "Collect" or "PackDetInputs":
                last = Stage.Pack;
                step.IgnoreAll();
                break;
            default:
                throw step.Unsupported("type");
        }
    }

    private void Resize(ConfigSection step, ConfigSection? outer) {
        step.Only("backend", "cv2");
        step.Only("interpolation", "bilinear");
        step.Nothing("ratio_range");
        step.Nothing("scale_factor");
        resized = true;
        step.Ignore("bbox_clip_border", "clip_object_border", "override", "multiscale_mode");
        // mmdetection 2 keeps the ratio by default; 3, whose step is mmcv's, does not.
        if (!step.Bool("keep_ratio", !isThree)) throw step.Has("keep_ratio") ? step.Unsupported("keep_ratio") : step.Missing("keep_ratio");
        (ConfigSection owner, string key) = outer is not null ? (outer, "img_scale")
            : (step, step.Has("img_scale") ? "img_scale" : "scale");
        if (outer is not null) {
            step.Nothing("img_scale");
            step.Nothing("scale");
            if (!outer.Has("img_scale") && outer.Value("scale_factor") is { } factor) {
                input = input with { ScaleFactors = Factors(outer, factor) };
                return;
            }
            outer.Nothing("scale_factor");
        }
        PythonValue? scale = owner.Value(key);
        if (scale is PythonList { Items: [PythonList only] }) scale = only;
        if (scale is not PythonList { Items: [var first, var second] }
            || ConfigSection.AsInt(first) is not (>= 1 and <= MostPixels and int a)
            || ConfigSection.AsInt(second) is not (>= 1 and <= MostPixels and int b)) {
            throw scale is null ? owner.Missing(key)
                : owner.Wrong(key, $"is not supported: one size is needed, two integers from 1 to {MostPixels}");
        }
        input = input with { LongSide = Math.Max(a, b), ShortSide = Math.Min(a, b) };
    }

    /// <summary>A factor of the picture's size, or several.</summary>
    private static IReadOnlyList<double> Factors(ConfigSection owner, PythonValue given) => [.. (given switch {
        PythonList { Items: { Count: > 0 and <= MostScales } items } => items,
        _ => [given],
    }).Select(value => value switch {
        PythonFloat { Value: > 0 and <= MostScale } factor => factor.Value,
        PythonInt { Value: > 0 and <= (long)MostScale } factor => factor.Value,
        _ => throw owner.Wrong("scale_factor",
            FormattableString.Invariant($"is not supported: factors above 0 and up to {MostScale} are needed")),
    })];

    /// <summary>The padding that puts the picture into the middle.</summary>
    private void CenterPad(ConfigSection step) {
        step.Only("test_mode", true);
        if (!step.Has("test_mode")) throw step.Missing("test_mode");
        step.Nothing("crop_size");
        step.Nothing("ratios");
        step.Nothing("border");
        step.Ignore("std", "bbox_clip_border");
        (string rule, int value) = step.Value("test_pad_mode") switch {
            null => ("logical_or", 127),
            PythonList { Items: [PythonText { Value: "logical_or" or "size_divisor" } mode, var number] }
                when ConfigSection.AsInt(number) is >= 1 and < MostDivisor and int bits => (mode.Value, bits),
            _ => throw step.Unsupported("test_pad_mode"),
        };
        IReadOnlyList<float> mean = Channels(step, "mean");
        var pad = new CenterPadding {
            Rule = rule == "logical_or" ? CenterPadRule.LogicalOr : CenterPadRule.SizeDivisor,
            Value = value,
            AddedPixels = step.Int("test_pad_add_pix", 0, 0, MostDivisor),
            Fill = step.Bool("to_rgb") ? [.. mean.Reverse()] : mean,
        };
        step.Check(pad.Validate);
        input = input with { CenterPad = pad, SizeDivisor = pad.Divisor };
    }

    /// <summary>mmdetection 3: the model normalises, and pads the batch.</summary>
    private void Preprocess(ConfigSection preprocessor) {
        preprocessor.Type("DetDataPreprocessor");
        // Masks and what is done to batches in training say nothing on boxes in the test.
        preprocessor.Ignore("pad_mask", "mask_pad_value", "pad_seg", "seg_pad_value", "boxtype2tensor", "non_blocking", "batch_augments");
        preprocessor.Only("pad_value", 0.0);
        preprocessor.Only("rgb_to_bgr", false);
        input = input with {
            ToRgb = preprocessor.Bool("bgr_to_rgb", false),
            SizeDivisor = preprocessor.Int("pad_size_divisor", 1, 1, MostDivisor),
        };
        if (input.CenterPad is { } pad) {
            preprocessor.Only("pad_size_divisor", 1.0);
            input = input with { SizeDivisor = pad.Divisor };
        }
        if (preprocessor.Has("mean") != preprocessor.Has("std")) throw preprocessor.Missing(preprocessor.Has("mean") ? "std" : "mean");
        if (preprocessor.Has("mean")) input = input with { Mean = Channels(preprocessor, "mean"), Std = Divisors(preprocessor) };
        preprocessor.Ignore("mean", "std");
    }

    private void Enter(Stage stage, ConfigSection step) {
        if (stage < last || (stage == last && stage != Stage.Load)) throw step.Wrong("type", "is not supported in this order of steps");
        last = stage;
    }

    private static void PadValue(ConfigSection step) {
        if (step.Value("pad_val") is not PythonDict) {
            step.Only("pad_val", 0.0);
        } else if (step.Section("pad_val") is { } values) {
            values.Only("img", 0.0);
            values.Ignore("masks", "seg");
        }
    }

    private static IReadOnlyList<float> Channels(ConfigSection section, string key) => section.Floats(key) switch {
        { Count: 3 } values => values,
        null => throw section.Missing(key),
        _ => throw section.Wrong(key, "needs 3 numbers"),
    };

    private static IReadOnlyList<float> Divisors(ConfigSection section) =>
        Channels(section, "std") is var std && std.All(value => value != 0) ? std : throw section.Wrong("std", "must not be 0");
}
