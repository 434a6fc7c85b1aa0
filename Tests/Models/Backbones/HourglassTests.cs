using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>What the cases and published names of CornerNet leave open about its backbone.</summary>
public class HourglassTests {
    private static readonly HourglassConfig Small =
        new() { DownsampleTimes = 2, Stacks = 1, StageChannels = [8, 8, 12], StageBlocks = [2, 1, 1], FeatChannels = 8 };

    [Fact]
    public void One_stack_has_a_block_that_nothing_uses_and_odd_sizes_fit() {
        using var scope = new TensorScope();
        using Backbone net = Small.Create();
        net.Initialize(new Philox(1));
        net.Train();
        Tensor map = Assert.Single(net.Forward(Draws.Normal(1, 37, 53, 3)(new Philox(2), HostDevice.Default)));
        Assert.Equal([1, 10, 14, 8], map.Shape);
        Op.Sum(map * map).Backward();
        Assert.All(net.Parameters(), entry => Assert.Equal(entry.Name.StartsWith("inters.0.", StringComparison.Ordinal),
            entry.Parameter.Value.Grad is null));
        Assert.Equal(6, net.Parameters().Count(entry => entry.Name.StartsWith("inters.", StringComparison.Ordinal)));
    }

    /// <summary>mmdetection's norm_cfg reaches the stem, the blocks between stacks and the convolutions around them.</summary>
    [Fact]
    public void Norms_are_frozen_outside_the_hourglasses_alone() {
        using Backbone net = (Small with { Stacks = 2, NormTrains = false }).Create();
        string[] frozen = [.. net.Parameters().Where(entry => !entry.Parameter.Trains).Select(entry => entry.Name)];
        Assert.Equal(["conv1x1s", "inters", "out_convs", "remap_convs", "stem"],
            frozen.Select(name => name.Split('.')[0]).Distinct().Order());
        Assert.Equal(20, frozen.Length);   // weight and bias of 4 norms in the stem, 2 in the block, 4 of convolutions
    }

    public static TheoryData<string> Wrong =>
        ["halve 0 times", "3 stage channels and 2 stage blocks", "9 stacks", "at least 4 of each", "from 1 to 4096"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Contradictions_are_refused(string message) {
        HourglassConfig config = message switch {
            "halve 0 times" => Small with { DownsampleTimes = 0 },
            "9 stacks" => Small with { Stacks = 9 },
            "at least 4 of each" => Small with { DownsampleTimes = 3 },
            "from 1 to 4096" => Small with { StageChannels = [8, 0, 8] },
            _ => Small with { StageBlocks = [1, 1] },
        };
        Assert.Contains(message, Assert.Throws<ConfigException>(config.Create).Message, StringComparison.Ordinal);
    }
}
