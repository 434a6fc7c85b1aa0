using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>What is timed of an item: one run, whose results by name are in our layout.</summary>
internal sealed partial class PeerWork : IDisposable {
    private readonly Func<IEnumerable<(string Name, Tensor Value)>> run;
    private readonly IDisposable[] held;
    private readonly bool records;

    private PeerWork(Func<IEnumerable<(string Name, Tensor Value)>> run, bool records, params IDisposable[] held) =>
        (this.run, this.records, this.held) = (run, records, held);

    /// <summary>Computes once.</summary>
    public void Run() => Run(_ => { });

    /// <summary>Computes once and shows the results while they live.</summary>
    public void Run(Action<IReadOnlyList<(string Name, Tensor Value)>> show) {
        using var scope = new TensorScope();
        using NoGrad? noGrad = records ? null : new NoGrad();
        show([.. run()]);
    }

    public void Dispose() {
        foreach (IDisposable each in held) each.Dispose();
    }

    /// <summary>Prepares an item from its file of inputs.</summary>
    public static PeerWork Of(PeerItem item, string folder) {
        if (item.Kind is "resnet50" or "process" || item.Kind.EndsWith("-r50", StringComparison.Ordinal)) return Network(item, folder);
        if (item.Kind.StartsWith("centernet", StringComparison.Ordinal)) return CenterNet(item, folder);
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(folder, item.Name + ".safetensors"));
        return item.Kind switch {
            "conv" => Conv(item, Map(file, "x"), Map(file, "weight")),
            "conv-backward" => ConvBackward(item, Map(file, "x"), Map(file, "weight"), Map(file, "gradient")),
            "deform" => Deform(file),
            "deform-backward" => DeformBackward(file),
            "product" => Product(file.Read("a"), file.Read("b")),
            "groupnorm" => GroupNorm(item, Map(file, "x"), file.Read("weight"), file.Read("bias")),
            "dfl" => Dfl(item, file.Read("logits")),
            "loss" => Loss(item, file),
            "maxpool" => MaxPool(Map(file, "x")),
            "cornerpool" => CornerPool(item, Map(file, "x")),
            "cornerpool-backward" => CornerPoolBackward(item, Map(file, "x"), Map(file, "gradient")),
            "hourglass104" => Hourglass(file),
            "roialign" => RoiAlign(item, file),
            "roialign-backward" => RoiAlignBackward(item, file),
            "adaptivemaxpool" => AdaptiveMaxPool(Map(file, "x")),
            "adaptivemaxpool-backward" => AdaptiveMaxPoolBackward(Map(file, "x"), Map(file, "gradient")),
            "bfp" => Balanced(item, file),
            "sgd" => Optimizer(file),
            "assign-atss" => Assign(new AtssAssigner(), file),
            "assign-max-iou" => Assign(new MaxIouAssigner(), file),
            "nms" => Nms(file.Read("boxes"), file.Read("scores")),
            "train" => Train(item, file),
            _ => throw new NotSupportedException($"The kind '{item.Kind}' is not known."),
        };
    }

    /// <summary>A map or weight of four axes, channels last.</summary>
    private static Tensor Map(CheckpointFile file, string name) {
        using Tensor stored = file.Read(name);
        return Op.Permute(stored, 0, 2, 3, 1);
    }

    private static PeerWork Conv(PeerItem item, Tensor x, Tensor weight) =>
        new(() => [("y", Op.Conv2d(x, weight, null, item.Stride, item.Size / 2))], false, x, weight);

    private static PeerWork ConvBackward(PeerItem item, Tensor x, Tensor weight, Tensor gradient) =>
        Backward(() => Op.Conv2d(x, weight, null, item.Stride, item.Size / 2), gradient, ("x", x), ("weight", weight));

    /// <summary>A forward pass and the gradients of all that goes in.</summary>
    private static PeerWork Backward(Func<Tensor> forward, Tensor gradient, params (string Name, Tensor Value)[] inputs) {
        foreach ((_, Tensor input) in inputs) input.RequiresGrad = true;
        return new(() => {
            foreach ((_, Tensor input) in inputs) {
                input.Grad?.Dispose();
                input.Grad = null;
            }
            Tensor y = forward();
            y.Backward(gradient);
            return [("y", y), .. inputs.Select(input => (input.Name + ".grad", input.Value.Grad!))];
        }, true, [gradient, .. inputs.Select(input => input.Value)]);
    }

    private static PeerWork Deform(CheckpointFile file) {
        Tensor x = Map(file, "x"), offset = Map(file, "offset"), mask = Map(file, "mask"), weight = Map(file, "weight");
        return new(() => [("y", Op.DeformConv2d(x, offset, weight, mask, padding: 1))], false, x, offset, mask, weight);
    }

    private static PeerWork DeformBackward(CheckpointFile file) {
        Tensor x = Map(file, "x"), offset = Map(file, "offset"), mask = Map(file, "mask"), weight = Map(file, "weight");
        return Backward(() => Op.DeformConv2d(x, offset, weight, mask, padding: 1), Map(file, "gradient"), ("x", x), ("offset", offset),
            ("mask", mask), ("weight", weight));
    }

    /// <summary>Counts as recording, so that nothing stays packed.</summary>
    private static PeerWork Product(Tensor a, Tensor b) => new(() => [("y", Op.MatMul(a, b))], true, a, b);

    /// <summary>In x's place, as our layers run it in inference; the first result is the one that is compared.</summary>
    private static PeerWork GroupNorm(PeerItem item, Tensor x, Tensor weight, Tensor bias) =>
        new(() => [("y", Op.GroupNorm(x, item.Groups, weight, bias, relu: true, inPlace: true))], false, x, weight, bias);

    private static PeerWork Dfl(PeerItem item, Tensor logits) {
        var integral = new Integral(item.Bins - 1);
        return new(() => [("y", integral.Forward(logits))], false, logits, integral);
    }

    /// <summary>Forward and backward of a loss whose rows have weights.</summary>
    private static PeerWork Loss(PeerItem item, CheckpointFile file) {
        const float factor = 200;
        Tensor x = file.Read("x"), weight = file.Read("weight");
        Tensor? soft = item.Bins > 0 ? file.Read("soft") : null, label = item.Bins > 0 ? null : file.Read("label"),
            score = item.Bins > 0 ? null : file.Read("score");
        x.RequiresGrad = true;
        return new(() => {
            x.Grad?.Dispose();
            x.Grad = null;
            Tensor loss = item.Loss switch {
                "softmax-kl" => new KnowledgeDistillationLoss().Apply(x, soft!, weight, factor),
                "focal" => new FocalLoss().Apply(x, label!, weight, factor),
                "varifocal" => new VarifocalLoss().Apply(x, label!, score!, null, factor),
                "quality" => new QualityFocalLoss().Apply(x, label!, score!, weight, factor),
                _ => throw new NotSupportedException($"The loss '{item.Loss}' is not known."),
            };
            loss.Backward();
            return [("loss", Op.Reshape(loss, 1)), ("x.grad", x.Grad!)];
        }, true, [x, weight, .. new[] { soft, label, score }.OfType<Tensor>()]);
    }

    private static PeerWork MaxPool(Tensor x) => new(() => [("y", Op.MaxPool2d(x, 3, 2, 1))], false, x);

    private static PeerWork CornerPool(PeerItem item, Tensor x) {
        CornerSide side = Enum.Parse<CornerSide>(item.Side, ignoreCase: true);
        return new(() => [("y", Op.CornerPool(x, side))], false, x);
    }

    private static PeerWork CornerPoolBackward(PeerItem item, Tensor x, Tensor gradient) {
        CornerSide side = Enum.Parse<CornerSide>(item.Side, ignoreCase: true);
        return Backward(() => Op.CornerPool(x, side), gradient, ("x", x));
    }

    private static PeerWork Optimizer(CheckpointFile file) {
        var parameters = new List<(string Name, Tensor Value)>();
        for (int i = 0; file.Contains($"p.{i}"); i++) {
            parameters.Add(($"p.{i}", file.Read($"p.{i}")));
            (parameters[i].Value.RequiresGrad, parameters[i].Value.Grad) = (true, file.Read($"g.{i}"));
        }
        var optimizer = new Sgd(parameters, 0.9f, 1e-4f);
        return new(() => {
            optimizer.Step(0.01f);
            return parameters;
        }, true, [optimizer, .. parameters.Select(each => each.Value)]);
    }

    private static PeerWork Network(PeerItem item, string folder) {
        string weights = item.Kind is "resnet50" or "gfl-r50" or "process" ? "gfl_r50" : item.Kind;
        var loaded = Detector.Load(Path.Combine(folder, weights + ".pth"));
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(folder, item.Name + ".safetensors"));
        Tensor x = Map(file, "x");
        if (loaded is not DenseDetector detector) return new(() => Found(loaded.Detect(x, [Whole(x)])[0]), false, x, loaded);
        return item.Kind switch {
            "resnet50" => new(() => [("y", detector.Backbone.Forward(x)[^1])], false, x, detector),
            "process" => new(() => {
                detector.Detect(x, [Whole(x)]);
                return [];
            }, false, x, detector),
            _ => new(() => detector.Forward(x).SelectMany((level, i) => Named(level, i)), false, x, detector),
        };
    }

    private static PeerWork CenterNet(PeerItem item, string folder) {
        var detector = (CenterNetDetector)Detector.Load(Path.Combine(folder, item.Kind + ".pth"));
        using CheckpointFile file = CheckpointFile.Open(Path.Combine(folder, item.Name + ".safetensors"));
        Tensor x = Map(file, "x");
        return new(() => {
            CenterOutput output = detector.Forward(x)[^1];
            return [("cls_score.0", output.Heat), ("bbox_pred.0", output.Sizes), ("last.0", output.Offsets)];
        }, false, x, detector);
    }

    /// <summary>A picture that fills its batch.</summary>
    private static ImageInfo Whole(Tensor x) => new(x.Shape[2], x.Shape[1], x.Shape[2], x.Shape[1]);

    private static IEnumerable<(string, Tensor)> Found(Detections found) {
        yield return ("boxes", LevelTargets.OfBoxes([.. found.Select(one => one.Box)], HostDevice.Default));
        yield return ("scores", Tensor.From([.. found.Select(one => one.Score)], [found.Count]));
        yield return ("labels", Tensor.From([.. found.Select(one => (float)one.Label)], [found.Count]));
    }

    private static IEnumerable<(string, Tensor)> Named(HeadOutput level, int i) {
        yield return ($"cls_score.{i}", level.Scores);
        yield return ($"bbox_pred.{i}", level.Boxes);
        if ((level.Quality ?? level.Refined) is { } last) yield return ($"last.{i}", last);
    }

    /// <summary>A training step with a rate of zero, so that each is the same work.</summary>
    private static PeerWork Train(PeerItem item, CheckpointFile file) {
        string[] classes = [.. Enumerable.Range(0, item.Classes).Select(i => $"class {i}")];
        Detector detector = Detector.Build(Presets.Find("gfl/gfl_r18_demo") with { Classes = classes });
        detector.Load(detector.StateDict().ToDictionary(entry => entry.Name,
            entry => file.Contains("state." + entry.Name) ? file.Read("state." + entry.Name) : entry.Tensor));
        detector.Train();
        Tensor x = Map(file, "x");
        float[] boxes = file.ReadSingle("boxes");
        int[] labels = file.ReadInt32("labels");
        int each = labels.Length / x.Shape[0];
        Box[] corners = [.. boxes.Chunk(4).Select(box => new Box(box[0], box[1], box[2], box[3]))];
        GroundTruth[] truths = [.. corners.Chunk(each).Zip(labels.Chunk(each), (found, kinds) => new GroundTruth(found, kinds))];
        ImageInfo[] images = [.. truths.Select(_ => Whole(x))];
        (string Name, Parameter Parameter)[] parameters = [.. detector.Parameters()];
        var optimizer = new Sgd(parameters.Select(entry => (entry.Name, entry.Parameter.Value)));
        bool first = true;
        return new(() => {
            Tensor loss = LossTerm.Total(detector.Losses(x, images, truths));
            loss.Backward();
            List<(string, Tensor)> found = [("loss", Op.Reshape(loss, 1))];
            if (first)   // the driver compares the first step alone
                found.AddRange(parameters.Where(entry => !entry.Name.Contains("scales", StringComparison.Ordinal))
                    .Select(entry => (entry.Name + ".grad", entry.Parameter.Value.Grad! * 1)));
            first = false;
            GradientClip.Apply(parameters.Select(entry => entry.Parameter.Value), 35);
            optimizer.Step(0);
            optimizer.ZeroGrad();
            return found;
        }, true, x, optimizer, detector);
    }
}
