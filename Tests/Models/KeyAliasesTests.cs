using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>State dictionaries by others' names.</summary>
public class KeyAliasesTests {
    [Theory]
    [InlineData("bbox_head.conv_centerness", "bbox_head.fcos_centerness")]
    [InlineData("backbone.layer2.0.conv2.conv_offset", "backbone.layer2.0.conv2_offset")]
    [InlineData("bbox_head.cls_convs.3.conv.conv_offset", "bbox_head.cls_convs.3.conv_offset")]
    [InlineData("bbox_head.retina_reg", "bbox_head.atss_reg")]
    [InlineData("bbox_head.tl_pool.1.direction2_conv.conv", "module.tl_cnvs.1.p2_conv1.conv")]
    [InlineData("bbox_head.br_heat.0.1.conv", "br_heats.0.1")]
    public void A_tensor_loads_by_its_other_name(string ours, string theirs) {
        using var scope = new TensorScope();
        using Module network = Inside(ours, new Conv2d(2, 3, 1));
        Dictionary<string, Tensor> state = Numbered(theirs);
        network.Load(state);
        Assert.Equal([0, 1, 2, 3, 4, 5, 0, 1, 2], network.State().SelectMany(entry => entry.Value.Value.ToArray()));

        // Both names in one file: ours counts, and theirs is one too many.
        foreach ((string name, Tensor tensor) in Numbered(ours)) state.Add(name, tensor);
        Assert.Contains($"2 unexpected: {theirs}.bias", Assert.Throws<CheckpointException>(() => network.Load(state)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_the_network_has_itself_is_not_taken_for_another() {
        using var scope = new TensorScope();
        using var network = new Parts(("bbox_head", new Parts(("retina_cls", new Conv2d(2, 3, 1)), ("atss_cls", new Conv2d(2, 3, 1)))));
        Assert.Contains("2 missing: bbox_head.retina_cls.weight, bbox_head.retina_cls.bias",
            Assert.Throws<CheckpointException>(() => network.Load(Numbered("bbox_head.atss_cls"))).Message, StringComparison.Ordinal);
    }

    /// <summary>Whole networks, their tensors under the names that others' checkpoints have.</summary>
    [Theory]
    [InlineData("fcos_r18", "bbox_head.conv_", "bbox_head.fcos_")]
    [InlineData("retinanet_r50", "bbox_head.retina_", "bbox_head.atss_")]
    [InlineData("ddod_r18", ".conv.conv_offset.", ".conv_offset.")]
    [InlineData("gfl_r50_dcnv2", ".conv2.conv_offset.", ".conv2_offset.")]
    public void A_network_loads_by_other_names(string name, string ours, string theirs) {
        using var scope = new TensorScope();
        using CheckpointFile file = CheckpointFile.Open(Checkpoint(name));
        using Detector expected = Detector.Load(file), found = Detector.Build(expected.Config, seed: 9);
        Dictionary<string, Tensor> state = StateLoader.Read(file).ToDictionary(
            each => each.Key.Replace(ours, theirs, StringComparison.Ordinal), each => each.Value);
        Assert.Contains(state.Keys, key => key.Contains(theirs, StringComparison.Ordinal) && !file.State().ContainsKey(key));
        found.Load(state);
        foreach (((string tensor, Tensor want), (_, Tensor got)) in expected.StateDict().Zip(found.StateDict()))
            Compare.SameBits(tensor, want, got);
    }

    /// <summary>The names that the classes <c>kp</c>, <c>kp_module</c>, <c>pool</c>, <c>residual</c> and <c>convolution</c> of the official
    /// CornerNet give.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    public void CornerNet_loads_by_its_official_names(string prefix) {
        (string Ours, string Theirs)[] names = [
            ("backbone.stem.1.0.", "pre.1."), ("backbone.stem.", "pre."), ("backbone.hourglass_modules.", "kps."),
            ("backbone.inters.", "inters."),
            ("backbone.out_convs.", "cnvs."), ("backbone.conv1x1s.0.conv.", "inters_.0.0."), ("backbone.conv1x1s.0.bn.", "inters_.0.1."),
            ("backbone.remap_convs.0.conv.", "cnvs_.0.0."), ("backbone.remap_convs.0.bn.", "cnvs_.0.1."), (".downsample.", ".skip."),
            ("direction1_conv.", "p1_conv1."), ("direction2_conv.", "p2_conv1."), ("aftpool_conv.conv.", "p_conv1."),
            ("aftpool_conv.bn.", "p_bn1."),
            ("conv1.conv.", "conv1."), ("conv1.bn.", "bn1."),
        ];
        using var scope = new TensorScope();
        using CheckpointFile file = CheckpointFile.Open(Checkpoint("cornernet_hg2"));
        using Detector expected = Detector.Load(file), found = Detector.Build(expected.Config, seed: 9);
        Dictionary<string, Tensor> state = StateLoader.Read(file).ToDictionary(each => prefix + Official(each.Key), each => each.Value);
        Assert.DoesNotContain(state.Keys, key => key.Contains("bbox_head.", StringComparison.Ordinal));
        Assert.DoesNotContain(state.Keys, key => key.Contains("backbone.", StringComparison.Ordinal));
        Assert.Contains(prefix + "tl_cnvs.0.p1_conv1.bn.running_var", state.Keys);
        Assert.Contains(prefix + "br_cnvs.1.p_bn1.weight", state.Keys);
        Assert.Contains(prefix + "tl_tags.1.1.bias", state.Keys);
        found.Load(state);
        foreach (((string tensor, Tensor want), (_, Tensor got)) in expected.StateDict().Zip(found.StateDict()))
            Compare.SameBits(tensor, want, got);

        string Official(string name) {
            if (!name.StartsWith("bbox_head.", StringComparison.Ordinal))
                return names[..10].Aggregate(name, (given, pair) => given.Replace(pair.Ours, pair.Theirs, StringComparison.Ordinal));
            string[] parts = name.Split('.');   // bbox_head, branch, stack, layer or place, ...
            (string corner, string branch) = (parts[1][..3], parts[1][3..]);
            return branch == "pool"
                ? $"{corner}cnvs.{parts[2]}." + names[10..16].Aggregate(string.Join('.', parts[3..]), (given, pair) =>
                    given.StartsWith(pair.Ours, StringComparison.Ordinal) ? pair.Theirs + given[pair.Ours.Length..] : given)
                : corner + branch switch { "heat" => "heats", "emb" => "tags", _ => "regrs" } + $".{parts[2]}.{parts[3]}."
                    + (parts[3] == "1" ? parts[5] : $"conv.{parts[5]}");
        }
    }

    /// <summary>The official repository's text calls the detector an ATSS and the assigner otherwise.</summary>
    [Fact]
    public void The_head_decides_where_a_text_names_another_detector() {
        using CheckpointFile file = CheckpointFile.Open(Checkpoint("ddod_r18"));
        string text = file.Text("meta/config")!, official = text.Replace("type='DDOD',", "type='ATSS',", StringComparison.Ordinal)
            .Replace("type='ATSSAssigner'", "type='ATSSCostAssigner'", StringComparison.Ordinal);
        Assert.NotEqual(text, official);
        var read = Assert.IsType<DdodConfig>(MmdetConfig.Read(official));
        Assert.Equal(((DdodConfig)MmdetConfig.Read(text)).Assigner, read.Assigner);
    }

    private static string Checkpoint(string name) =>
        Path.Combine(Fixtures.Repository, "Tests", "Fixtures", "detectors", name, "checkpoint.pth");

    private static Dictionary<string, Tensor> Numbered(string name) => new() {
        [name + ".weight"] = Tensor.From([0f, 1, 2, 3, 4, 5], [3, 2, 1, 1]),
        [name + ".bias"] = Tensor.From([0f, 1, 2], [3]),
    };

    private static Module Inside(string path, Module inner) =>
        path.Split('.').Reverse().Aggregate(inner, (module, part) => new Parts((part, module)));

    private sealed class Parts(params (string Name, Module Module)[] parts) : Module {
        public override IEnumerable<(string Name, Module Module)> Children => parts;
    }
}
