using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Deformable layers beside plain ones: while nothing moves they are the same.</summary>
public class DeformLayerTests {
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0.5f)]
    public void A_new_layer_is_the_plain_convolution_with_half_a_mask(bool modulated, float mask) {
        using var scope = new TensorScope();
        using var pack = new DeformConv2dPack(new(modulated, 2), 6, 5, 3, 2, 2, 2, bias: modulated);
        using var plain = new Conv2d(6, 5, 3, 2, 2, 2);
        pack.Initialize(new Philox(1));
        pack.Bias?.Fill(0.25f);
        HostDevice.Default.Copy(pack.Weight.Value, plain.Weight.Value);
        plain.Weight.Value.MarkChanged();
        Tensor x = Draws.Normal(2, 7, 9, 6)(new Philox(2), HostDevice.Default);
        float[] expected = plain.Forward(x).ToArray(), actual = pack.Forward(x).ToArray();
        Assert.True(expected.Max(MathF.Abs) > 1);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(mask * expected[i] + (modulated ? 0.25f : 0), actual[i], 1e-5f);
    }

    [Fact]
    public void Names_and_shapes_are_mmcvs() {
        using var first = new DeformConv2dPack(new(), 4, 6, 3);
        using var second = new DeformConv2dPack(new(Modulated: true, DeformGroups: 2), 4, 6, (3, 1), groups: 2, bias: true);
        using var given = new DeformConv2d(4, 6, 3, groups: 2);
        Assert.Equal(["weight [6, 4, 3, 3]", "conv_offset.weight [18, 4, 3, 3]", "conv_offset.bias [18]"], State(first));
        Assert.Equal(["weight [6, 2, 3, 1]", "bias [6]", "conv_offset.weight [18, 4, 3, 1]", "conv_offset.bias [18]"], State(second));
        Assert.Equal(["weight [6, 2, 3, 3]"], State(given));
    }

    [Fact]
    public void Maps_smaller_than_the_window_are_refused_filled_or_taken_as_in_mmcv() {
        using var scope = new TensorScope();
        using var first = new DeformConv2dPack(new(), 4, 6, 3, padding: 1);
        using var second = new DeformConv2dPack(new(Modulated: true), 4, 6, 3, padding: 1);
        using var given = new DeformConv2d(4, 6, 3, padding: 1);
        using var plain = new Conv2d(4, 6, 3, padding: 1, bias: false);
        Tensor x = Draws.Normal(2, 1, 2, 4)(new Philox(3), HostDevice.Default), still = Tensor.Zeros([2, 1, 2, 18]);
        Assert.Contains("[2, 1, 2, 4] is smaller than the window (3, 3)", Assert.Throws<ShapeException>(() => first.Forward(x)).Message,
            StringComparison.Ordinal);
        Assert.Equal([2, 1, 2, 6], second.Forward(x).Shape.ToArray());
        given.Initialize(new Philox(4));
        HostDevice.Default.Copy(given.Weight.Value, plain.Weight.Value);
        plain.Weight.Value.MarkChanged();
        float[] expected = plain.Forward(x).ToArray(), actual = given.Forward(x, still).ToArray();
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    [Fact]
    public void A_tower_takes_them_as_its_first_or_last_convolution() {
        using Sequential tower = ConvTower.Create(8, 8, 3, new NormConfig(NormKind.Group, 4), first: new(), last: new(Modulated: true));
        Assert.Equal(["0.conv.conv_offset.weight [18, 8, 3, 3]", "2.conv.conv_offset.weight [27, 8, 3, 3]"],
            State(tower).Where(entry => entry.Contains("conv_offset.weight", StringComparison.Ordinal)));
        Assert.Single(tower.Modules<Conv2d>());
        // Without a mask there is no bias, whatever the others have.
        using Sequential plain = ConvTower.Create(8, 8, 2, null, first: new()), masked = ConvTower.Create(8, 8, 1, null, first: new(true));
        Assert.Equal(["1.conv.bias [8]"], State(plain).Where(entry => entry.Contains("conv.bias", StringComparison.Ordinal)));
        Assert.Equal(["0.conv.bias [8]"], State(masked).Where(entry => entry.Contains("conv.bias", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false, "layer2.0 layer2.1 layer2.2 layer2.3 layer4.0 layer4.1 layer4.2")]
    [InlineData(true, "layer2.1 layer2.2 layer2.3 layer4.0 layer4.1 layer4.2")]
    public void Stages_have_them_but_for_the_one_block_that_falls_back(bool fallsBack, string expected) {
        using var net = new ResNet(new() {
            BaseChannels = 4,
            Dcn = new(Modulated: true),
            StageWithDcn = [false, true, false, true],
            DcnFallbackOnStride = fallsBack,
        });
        Assert.Equal(expected, string.Join(' ',
            net.State().Where(entry => entry.Name.EndsWith("conv_offset.bias", StringComparison.Ordinal))
            .Select(entry => entry.Name[..^".conv2.conv_offset.bias".Length])));
    }

    private static string[] State(Module module) => [.. module.State().Select(entry => $"{entry.Name} {entry.Value.TorchShape}")];
}
