using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Batches in which no picture has an object.</summary>
public class EmptyPictureTests {

    /// <summary>A demonstration of each kind of detector, on the host and where kernels run.</summary>
    public static TheoryData<string, string> Kinds => GpuCase.Everywhere([.. Presets.Names
        .Where(name => name.EndsWith("_demo", StringComparison.Ordinal))
        .GroupBy(name => Presets.Find(name).GetType()).Select(kind => kind.First())]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void They_are_learnt_from(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using Detector detector = Make(name, gpu);
        detector.Train();
        using var scope = new TensorScope();
        GroundTruth empty = new([], []);
        int size = SizeOf(name);
        IReadOnlyList<LossTerm> terms = detector.Losses(Batch(size, detector.Device), Images(size), [empty, empty], new TorchChoice(3));
        Tensor total = LossTerm.Total(terms);
        Assert.All(terms, term => Assert.All(term.Value.ToArray(), value => Assert.True(float.IsFinite(value), term.Name)));
        Assert.True(total.Item() > 0);   // that there is nothing is learnt
        total.Backward();
        int moved = 0;
        foreach ((string parameter, Parameter of) in detector.Parameters().Where(each => each.Parameter.Trains)) {
            if (parameter.StartsWith("backbone.inters.", StringComparison.Ordinal)) continue;   // one stack uses none
            float[] gradient = Assert.IsType<Tensor>(of.Value.Grad).ToArray();
            Assert.True(Array.TrueForAll(gradient, float.IsFinite), parameter);
            if (Array.Exists(gradient, value => value != 0)) moved++;
        }
        Assert.True(2 * moved > detector.Parameters().Count(each => each.Parameter.Trains), $"{moved} parameters have a gradient");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_black_batch_has_detections_in_its_pictures_or_none(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        using Detector detector = Make(name, gpu);
        using var scope = new TensorScope();
        int size = SizeOf(name);
        IReadOnlyList<Detections> found = detector.Detect(Tensor.Zeros([2, size, size, 3], DType.Float32, detector.Device), Images(size));
        Assert.Equal(2, found.Count);
        Assert.All(found.SelectMany(each => each), one => Assert.True(float.IsFinite(one.Score) && one.Label is >= 0 and < 5));
        Assert.Empty(detector.Detect(Tensor.Zeros([0, size, size, 3], DType.Float32, detector.Device), []));
    }

    private static Detector Make(string name, GpuDevice? gpu) {
        Detector detector = Detector.Build(Presets.Find(name), 2);
        if (gpu is not null) detector.To(gpu);
        return detector;
    }

    /// <summary>Small; but a deformable convolution takes no map that is smaller than its window, and DDOD's last stride is 64.</summary>
    private static int SizeOf(string name) => name.StartsWith("ddod", StringComparison.Ordinal) ? 160 : 64;

    private static ImageInfo[] Images(int size) => [new(size, size, size, size), new(size - 10, size - 20, size, size)];

    private static Tensor Batch(int size, Device device) {
        var random = new Philox(7);
        return Tensor.From([.. Enumerable.Range(0, 2 * size * size * 3).Select(_ => random.NextNormal())], [2, size, size, 3], device);
    }
}
