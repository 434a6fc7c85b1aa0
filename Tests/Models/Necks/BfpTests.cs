using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;
using static DenseEngine.Cases.Draws;

namespace DenseEngine.Tests;

/// <summary>The balanced pyramid where the fixtures do not reach: attention by products, how it begins, and what it refuses.</summary>
public class BfpTests {
    /// <summary>Both kinds of likeness against sums over all pairs of pixels in double precision.</summary>
    [Theory]
    [InlineData(false, 1, false)]
    [InlineData(false, 2, true)]
    [InlineData(true, 1, false)]
    [InlineData(true, 3, true)]
    public void Attention_is_the_sum_over_all_pixels(bool dotProduct, int reduction, bool useScale) {
        const int channels = 6, pixels = 15;
        using var scope = new TensorScope();
        var random = new Philox(11);
        using var block = new NonLocal2d(channels, reduction, useScale, dotProduct);
        foreach (Conv2d convolution in block.Modules<Conv2d>()) Initializers.Normal(convolution, random, 0.5f, 0.1f);
        Tensor x = Normal(1, 3, 5, channels)(random, HostDevice.Default), y = block.Forward(x);
        Conv2d[] parts = [.. block.Modules<Conv2d>()];   // values, output, queries, keys
        double[][] map = Rows(x), value = Product(map, parts[0]), query = Product(map, parts[2]), key = Product(map, parts[3]);
        double[][] seen = [.. query.Select(own => {
            double[] alike = [.. key.Select(other => own.Zip(other, (a, b) => a * b).Sum())];
            if (useScale && !dotProduct) alike = [.. alike.Select(each => each / Math.Sqrt(own.Length))];
            double[] share = dotProduct ? [.. alike.Select(each => each / pixels)]
                : [.. alike.Select(each => Math.Exp(each) / alike.Sum(Math.Exp))];
            return own.Select((_, c) => share.Select((part, i) => part * value[i][c]).Sum()).ToArray();
        })];
        double[][] expected = [.. Product(seen, parts[1]).Zip(map, (added, old) => added.Zip(old, (a, b) => a + b).ToArray())];
        float[] actual = y.ToArray();
        Assert.Equal(pixels, expected.Length);
        for (int i = 0; i < actual.Length; i++) Assert.Equal(expected[i / channels][i % channels], actual[i], 1e-5);
    }

    [Theory]
    [InlineData(Refinement.EmbeddedGaussian)]
    [InlineData(Refinement.DotProduct)]
    public void Attention_begins_as_nothing(Refinement refinement) {
        using var scope = new TensorScope();
        using var plain = new Bfp(new() { RefineLevel = 1 }, 4, 3);
        foreach (NormConfig? norm in new[] { null, new NormConfig(NormKind.Group, 2) }) {
            using var neck = new Bfp(new() { RefineLevel = 1, Refinement = refinement, Norm = norm }, 4, 3);
            neck.Initialize(new Philox(5));
            Assert.Contains(neck.Parameters(), entry => entry.Name == "refine.theta.conv.weight"
                && entry.Parameter.Value.ToArray().Any(weight => weight != 0));
            Tensor[] maps = [Map(8, 1), Map(4, 2), Map(2, 3)], balanced = neck.Forward(maps), expected = plain.Forward(maps);
            for (int i = 0; i < maps.Length; i++) Assert.Equal(expected[i].ToArray(), balanced[i].ToArray());
            Assert.NotEqual(maps[0].ToArray(), balanced[0].ToArray());
        }
    }

    /// <summary>In inference sums are made in place, but not in place of what is given.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_given_is_written_on(int refined) {
        using var scope = new TensorScope();
        using var neck = new Bfp(new() { RefineLevel = refined }, 4, 3);
        Tensor[] maps = [Map(9, 1), Map(5, 2), Map(3, 3)], balanced = neck.Forward(maps);
        float[][] given = [.. maps.Select(map => map.ToArray())];
        using (new NoGrad()) Assert.Equal(balanced.Select(level => level.ToArray()), neck.Forward(maps).Select(level => level.ToArray()));
        Assert.Equal(given, maps.Select(map => map.ToArray()));
        float[] coarsest = balanced[2].ToArray();
        Assert.NotEqual(given[2], coarsest);
    }

    private static Tensor Map(int size, ulong seed) {
        Tensor map = Normal(1, size, size, 4)(new Philox(seed), HostDevice.Default);
        map.RequiresGrad = true;
        return map;
    }

    [Fact]
    public void Products_learn() {
        using var scope = new TensorScope();
        using var neck = new Bfp(new() { Refinement = Refinement.DotProduct }, 4, 2);
        foreach (Conv2d convolution in neck.Modules<Conv2d>()) Initializers.Normal(convolution, new Philox(3), 0.5f, 0.1f);
        Tensor fine = Normal(1, 4, 5, 4)(new Philox(1), HostDevice.Default), coarse = Normal(1, 2, 3, 4)(new Philox(2), HostDevice.Default);
        Tensor[] balanced = neck.Forward([fine, coarse]);
        Op.Sum(balanced[0] * balanced[0]).Backward();
        Assert.All(neck.Parameters(), entry => Assert.Contains(entry.Parameter.Value.Grad!.ToArray(), slope => slope != 0));
    }

    [Fact]
    public void What_does_not_fit_is_refused() {
        Assert.Contains("level 3, to be refined, is not among the pyramid's 3",
            Assert.Throws<ConfigException>(() => new Bfp(new() { RefineLevel = 3 }, 4, 3)).Message, StringComparison.Ordinal);
        using var neck = new Bfp(new(), 4, 3);
        Assert.Contains("2 maps are given; it balances 3",
            Assert.Throws<ShapeException>(() => neck.Forward([Tensor.Zeros([1, 4, 4, 4]), Tensor.Zeros([1, 2, 2, 4])])).Message,
            StringComparison.Ordinal);
        Refused("in_channels = 8 does not fit the pyramid's 4", "in_channels=8");
        Refused("num_levels = 4 does not fit the pyramid's 3", "num_levels=4");
        Refused("refine_level = 3 must be from 0 to 2", "refine_level=3");
        Refused("refine_type = 'gaussian' is not supported", "refine_type='gaussian'");
        Refused("conv_cfg", "conv_cfg=dict(type='DCN')");

        static void Refused(string message, string setting) => Assert.Contains(message, Assert.Throws<ConfigException>(() =>
            MmdetNetwork.Balance(new ConfigSection("", PythonConfig.Parse($"neck=dict({setting})")).Needed("neck"), 4, 3)).Message,
            StringComparison.Ordinal);
    }

    private static double[][] Rows(Tensor map) => [.. map.ToArray().Select(each => (double)each).Chunk(map.Shape[3])];

    private static double[][] Product(double[][] rows, Conv2d convolution) {
        double[][] weight = Rows(convolution.Weight.Value);
        float[] bias = convolution.Bias!.Value.ToArray();
        return [.. rows.Select(row => weight.Select((each, o) => bias[o] + each.Zip(row, (a, b) => a * b).Sum()).ToArray())];
    }
}
