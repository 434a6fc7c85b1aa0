using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Products on a device, in every tile and in parts, whatever would be chosen for their sizes.</summary>
public class TileTests {
    private static readonly string[] Methods = [
        nameof(Op.MatMul), nameof(Op.Linear), nameof(Op.Conv2d), nameof(Op.ConvAffine), nameof(Op.ConvTranspose2d),
        nameof(Op.DeformConv2d)];

    public static TheoryData<string> Samples => [.. SampleRun.Names.Where(name => Methods.Contains(name.Split('/')[0])
        && SampleRun.Find(name).Asks is null)];

    /// <summary>And the tile does not change the bits, where arithmetic is not fused.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_plan_gives_what_the_host_gives(string name) {
        Tensor[] expected = SampleRun.Expected(name);
        foreach (GpuCase place in GpuCase.All) {
            if (!place.Takes(SampleRun.Numbers(name))) continue;
            using GpuDevice gpu = place.Open();
            Tensor[]? first = null;
            foreach (TileKind kind in Enum.GetValues<TileKind>()) {
                Tensor[] results = Agreeing(kind, 1);
                first ??= results;
                for (int i = 0; place.Name == "checked" && i < results.Length; i++)
                    Compare.SameBits($"{name}, tensor {i}, {kind}", first[i], results[i]);
            }
            Agreeing(TileKind.Of128x128, 3);

            Tensor[] Agreeing(TileKind kind, int parts) {
                Tensor[] results = SampleRun.OutputAndGradients(
                    SampleRun.Find(name) with { Asks = () => TileChoice<TileKind>.Force(kind, parts) }, gpu);
                for (int i = 0; i < expected.Length; i++)
                    Compare.Close("tiles", $"{name} in {parts} of {kind} on {place}, tensor {i}", expected[i], results[i],
                        SampleRun.Allowed(expected[i]), 0);
                return results;
            }
        }
    }

    /// <summary>Large products take the large tile whole; few rows or columns, and few results of many products each, something
    /// else.</summary>
    [Theory]
    [InlineData(4096, 4096, 4096, "Of128x128", 1, 1)]
    [InlineData(134400, 256, 2304, "Of128x128", 1, 1)]   // a convolution of 3 by 3, 256 to 256 channels, 8 pictures of 100 x 168
    [InlineData(537600, 64, 576, "Of128x64", 1, 1)]
    [InlineData(64, 40000, 256, "Of64x128", 1, 1)]
    [InlineData(256, 2304, 134400, "Of128x128", 6, 32)]  // its weight's gradient
    [InlineData(60, 40, 30, "Of64x64", 1, 1)]
    [InlineData(5000, 77, 147, "Odd64x64", 1, 1)]
    public void Sizes_decide(int rows, int columns, int inner, string kind, int least, int most) {
        var to = new TileOutput(rows, columns, inner, 1, 0, columns, rows * columns);
        TilePlan<TileKind> plan = TileChoice.Floats.Of(to, rows * columns, kind != "Odd64x64");
        Assert.Equal(kind, plan.Kind.ToString());
        Assert.InRange(plan.Parts, least, most);
    }

    /// <summary>A product that gives only a part of a tensor is not cut: its parts would have no place of their own.</summary>
    [Fact]
    public void A_part_of_a_tensor_is_not_cut() {
        var to = new TileOutput(8, 8, 4096, 1, 0, 8, 64);
        Assert.True(TileChoice.Floats.Of(to, 64, true).Parts > 1);
        Assert.Equal(1, TileChoice.Floats.Of(to, 128, true).Parts);
        Assert.All(TileChoice.Floats.Candidates(to, 128, true), plan => Assert.Equal(1, plan.Parts));
    }

    /// <summary>Every tile of every matrix and part is some group's, once.</summary>
    [Theory]
    [InlineData(1000, 500, 2, 3)]
    [InlineData(5000, 70, 1, 1)]
    [InlineData(64, 128, 3, 1)]
    public void Groups_share_out_the_tiles(int rows, int columns, int batches, int parts) {
        var to = new TileOutput(rows, columns, 96, batches, 0, columns, rows * columns) { Parts = parts, InnerPart = 32 };
        int count = TilePlace.Count(to, 64, 128);
        var met = new HashSet<(int, int, int, int)>();
        for (int group = 0; group < count; group++) {
            var place = new TilePlace(group, to, 64, 128);
            Assert.True(place.FirstRow < rows && place.FirstColumn < columns && place.Batch < batches && place.Part < parts);
            Assert.Equal((0, 0), (place.FirstRow % 64, place.FirstColumn % 128));
            Assert.Equal((place.Part * 32, place.Part * 32 + 32), (place.From, place.End));
            Assert.True(met.Add((place.FirstRow, place.FirstColumn, place.Batch, place.Part)));
        }
        Assert.Equal((rows + 63) / 64 * ((columns + 127) / 128) * batches * parts, met.Count);
    }
}
