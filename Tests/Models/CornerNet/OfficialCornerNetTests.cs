using System.Text.RegularExpressions;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What the official CornerNet has otherwise than mmdetection's: names, and where boxes end.</summary>
public class OfficialCornerNetTests {
    /// <summary>Our names, and where their tensors stand in the official repository (models/CornerNet.py, models/py_utils/kp.py).</summary>
    [Theory]
    [InlineData("backbone.stem.0.conv.weight", "pre.0.conv.weight")]
    [InlineData("backbone.stem.1.0.downsample.1.running_var", "pre.1.skip.1.running_var")]
    [InlineData("backbone.hourglass_modules.1.low2.low2.low3.0.conv2.weight", "kps.1.low2.low2.low3.0.conv2.weight")]
    [InlineData("backbone.hourglass_modules.0.low1.0.downsample.0.weight", "kps.0.low1.0.skip.0.weight")]
    [InlineData("backbone.inters.0.bn1.weight", "inters.0.bn1.weight")]
    [InlineData("backbone.conv1x1s.0.conv.weight", "inters_.0.0.weight")]
    [InlineData("backbone.remap_convs.0.bn.bias", "cnvs_.0.1.bias")]
    [InlineData("backbone.out_convs.1.bn.running_mean", "cnvs.1.bn.running_mean")]
    [InlineData("bbox_head.tl_pool.1.direction1_conv.conv.weight", "tl_cnvs.1.p1_conv1.conv.weight")]
    [InlineData("bbox_head.br_pool.0.direction2_conv.bn.weight", "br_cnvs.0.p2_conv1.bn.weight")]
    [InlineData("bbox_head.br_pool.0.aftpool_conv.conv.weight", "br_cnvs.0.p_conv1.weight")]
    [InlineData("bbox_head.tl_pool.0.aftpool_conv.bn.bias", "tl_cnvs.0.p_bn1.bias")]
    [InlineData("bbox_head.tl_pool.0.conv1.conv.weight", "tl_cnvs.0.conv1.weight")]
    [InlineData("bbox_head.tl_pool.0.conv1.bn.weight", "tl_cnvs.0.bn1.weight")]
    [InlineData("bbox_head.tl_pool.0.conv2.conv.weight", "tl_cnvs.0.conv2.conv.weight")]
    [InlineData("bbox_head.tl_heat.1.0.conv.bias", "tl_heats.1.0.conv.bias")]
    [InlineData("bbox_head.br_emb.0.1.conv.weight", "br_tags.0.1.weight")]
    [InlineData("bbox_head.tl_off.0.1.conv.bias", "tl_regrs.0.1.bias")]
    public void Names_are_found(string ours, string theirs) {
        Assert.Equal(theirs, KeyAliases.Find(ours, [theirs], [ours]));
        Assert.Equal("module." + theirs, KeyAliases.Find(ours, ["module." + theirs], [ours]));
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("")]
    public void A_network_loads_by_official_names(string head) {
        using var scope = new TensorScope();
        using CheckpointFile file = CheckpointFile.Open(Checkpoint);
        using Detector expected = Detector.Load(file), found = Detector.Build(expected.Config, seed: 9);
        found.Load(StateLoader.Read(file).ToDictionary(entry => head + Official(entry.Key), entry => entry.Value));
        foreach (((string tensor, Tensor want), (_, Tensor got)) in expected.StateDict().Zip(found.StateDict()))
            Compare.SameBits(tensor, want, got);
    }

    /// <summary>With both views a mirrored picture has the mirrored boxes, wherever its padding is; mmdetection's move with the
    /// padding.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mirrored_picture_has_mirrored_boxes(bool official) {
        using var scope = new TensorScope();
        using Detector published = Detector.Load(Checkpoint);
        using Detector detector = Detector.Build((CornerNetConfig)published.Config with {
            OfficialBoxes = official,
            Test = new(-0.1f, 2000, IouThreshold: 2, MaxPerImage: 5000),   // nothing is suppressed
        });
        detector.Load(published.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor));
        const int width = 54, padded = 64, left = 3;
        Tensor batch = Draws.Normal(1, 48, padded, 3)(new Philox(5), HostDevice.Default);
        Tensor mirrored = Op.IndexSelect(batch, Tensor.From([.. Enumerable.Range(1, padded).Select(i => padded - i)], [padded]), 2);
        Detection[] plain = Found(batch, left), turned = [.. Found(mirrored, padded - width - left).Select(one => one with {
            Box = new Box(width - one.Box.X2, one.Box.Y1, width - one.Box.X1, one.Box.Y2),
        })];
        double worst = plain.Max(one => turned.Where(other => other.Label == one.Label && Math.Abs(other.Score - one.Score) < 1e-4)
            .Select(other => Math.Abs(one.Box.X1 - other.Box.X1) + Math.Abs(one.Box.X2 - other.Box.X2)).DefaultIfEmpty(99).Min());
        Assert.Equal(official, worst < 1e-3);
        if (!official) return;
        Assert.Equal(plain.Length, turned.Length);
        Assert.All(plain, one => Assert.InRange(one.Box.X2, 0, width));

        Detection[] Found(Tensor pictures, int border) => [.. detector.Detect(pictures,
            [new ImageInfo(width, 48, padded, 48, 1, 1, border)], rescale: false)[0]];
    }

    private static string Checkpoint =>
        Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", "cornernet_hg2", "checkpoint.pth");

    private static readonly (string Ours, string Theirs)[] Pairs = [
        (@"^backbone\.stem\.0", "pre.0"), (@"^backbone\.stem\.1\.0", "pre.1"), (@"^backbone\.hourglass_modules", "kps"),
        (@"^backbone\.out_convs", "cnvs"), (@"^backbone\.(conv1x1s|remap_convs)\.0\.conv", "$1.0.0"),
        (@"^backbone\.(conv1x1s|remap_convs)\.0\.bn", "$1.0.1"), ("^conv1x1s", "inters_"), ("^remap_convs", "cnvs_"), (@"^backbone\.", ""),
        ("downsample", "skip"), (@"^bbox_head\.(tl|br)_pool", "$1_cnvs"), (@"direction(\d)_conv", "p$1_conv1"),
        (@"aftpool_conv\.(conv|bn)", "p_${1}1"), (@"(_cnvs\.\d)\.conv1\.(conv|bn)", "$1.${2}1"), (@"^bbox_head\.(tl|br)_heat", "$1_heats"),
        (@"^bbox_head\.(tl|br)_emb", "$1_tags"), (@"^bbox_head\.(tl|br)_off", "$1_regrs"),
            (@"^(.._(?:heats|tags|regrs)\.\d\.1)\.conv", "$1"),
    ];

    private static string Official(string name) => Pairs.Aggregate(name, (given, pair) => Regex.Replace(given, pair.Ours, pair.Theirs));
}
