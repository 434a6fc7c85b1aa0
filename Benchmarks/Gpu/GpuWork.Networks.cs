using DenseEngine.Models;
using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>Whole detectors.</summary>
internal sealed partial record GpuWork {
    private const int Objects = 8, Classes = 80;

    /// <summary>The weights whose gradients are compared.</summary>
    private static readonly string[] Shown =
        ["bbox_head.gfl_cls.weight", "bbox_head.gfl_reg.weight", "backbone.layer2.0.conv1.weight"];

    private static GpuWork Network(GpuItem item, Device device, string folder) {
        string weights = Path.Combine(folder, "gfl_r50.pth");
        var detector = (DenseDetector)(File.Exists(weights) ? Detector.Load(weights)
            : Detector.Build(Presets.Find("gfl/gfl_r50_fpn_1x_coco")));
        detector.To(device);
        Tensor x = GpuDraw.Tensor(device, 1, -2, 2, item.N, item.H, item.W, 3);
        return item.Kind == "gfl-train" ? Training(item, detector, x) : Of(show => {
            using var noGrad = new NoGrad();
            IReadOnlyList<HeadOutput> levels = detector.Forward(x);
            for (int i = 0; i < levels.Count; i++) {
                show($"cls.{i}", levels[i].Scores);
                show($"reg.{i}", levels[i].Boxes);
            }
        });
    }

    /// <summary>A step with a rate of zero, so that each is the same work; the last convolution's gradients are its results.</summary>
    private static GpuWork Training(GpuItem item, DenseDetector detector, Tensor x) {
        detector.Train();
        GroundTruth[] truths = [.. Enumerable.Range(0, item.N).Select(picture => Truth(picture, item))];
        ImageInfo[] images = [.. truths.Select(_ => new ImageInfo(item.W, item.H, item.W, item.H))];
        (string Name, Tensor Value)[] parameters = [.. detector.Parameters().Select(entry => (entry.Name, entry.Parameter.Value))];
        var optimizer = new Sgd(parameters);
        Tensor[] shown = [.. Shown.Select(name => parameters.First(entry => entry.Name == name).Value)];
        return Of(show => {
            Tensor loss = LossTerm.Total(detector.Losses(x, images, truths));
            loss.Backward();
            show("loss", Op.Reshape(loss, 1));
            for (int i = 0; i < shown.Length; i++) show($"d{i}", shown[i].Grad!);
            optimizer.Step(0);
            optimizer.ZeroGrad();
        });
    }

    /// <summary>Objects whose sides are between a twentieth and half of the picture's.</summary>
    private static GroundTruth Truth(int picture, GpuItem item) {
        float[] at = GpuDraw.Values(100 + picture, 4 * Objects, 0, 1), kinds = GpuDraw.Values(200 + picture, Objects, 0, Classes);
        var boxes = new Box[Objects];
        for (int i = 0; i < Objects; i++) {
            float wide = (0.05f + 0.45f * at[4 * i + 2]) * item.W, high = (0.05f + 0.45f * at[4 * i + 3]) * item.H;
            float left = at[4 * i] * (item.W - wide), top = at[4 * i + 1] * (item.H - high);
            boxes[i] = new Box(left, top, left + wide, top + high);
        }
        return new GroundTruth(boxes, [.. kinds.Select(kind => (int)kind)]);
    }
}
