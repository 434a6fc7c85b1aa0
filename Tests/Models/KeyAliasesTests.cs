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
