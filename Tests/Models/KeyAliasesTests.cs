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
