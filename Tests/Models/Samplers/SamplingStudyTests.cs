using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The comparison of IoU-balanced and random draws, on proposals whose overlaps are known.</summary>
public class SamplingStudyTests {
    private static readonly MaxIouAssigner Assigner = new(0.5f, 0.5f, LeastIou: 0.5f, LowQuality: false);
    private static readonly GroundTruth One = new([new Box(0, 0, 100, 100)], [0]);

    [Fact]
    public void Bins_give_their_share_where_chance_gives_what_is_frequent() {
        var study = new SamplingStudy(Assigner, new IouBalancedNegSampler(60, 0));
        for (int picture = 0; picture < 20; picture++) study.Add(Proposals((600, 0.1f), (100, 0.4f)), One);
        Assert.Equal((20, 20, 20), (study.Pictures, study.DrawnPictures, study.KeptPictures));
        Assert.Equal(20 * 700, study.Pool.Count);
        Assert.Equal((20 * 60, 20 * 60), (study.Chance.Count, study.Balanced.Count));
        (long pool, long chance, long balanced) = study.Bins[1];
        Assert.Equal(20 * 100, pool);
        Assert.InRange(chance, 110, 235);      // a seventh of 1200, by 5 deviations
        Assert.InRange(balanced, 20 * 20 + 1, 20 * 40);   // its share of 20 a picture, and of the empty bin's 20 what chance gives
        Assert.Equal(0, study.Bins[2].Pool);
        Assert.Equal(study.Balanced.Count, study.Bins.Sum(bin => bin.Balanced));
    }

    [Fact]
    public void Pictures_in_which_nothing_is_drawn_do_not_count() {
        var study = new SamplingStudy(Assigner, new IouBalancedNegSampler(60, 0.5));
        study.Add(Proposals((20, 0.1f)), One);
        study.Add(new Proposals([], []), new GroundTruth([], []));
        Assert.Equal((2, 0, 0), (study.Pictures, study.DrawnPictures, study.Pool.Count));
    }

    [Fact]
    public void A_picture_without_objects_has_overlaps_of_zero_only() {
        var study = new SamplingStudy(Assigner, new IouBalancedNegSampler(4, 0.5));
        study.Add(Proposals((20, 0.1f)), new GroundTruth([], []));
        study.Add(Proposals((20, 0.1f)), new GroundTruth([], []));
        Assert.Equal(2, study.KeptPictures);
        Assert.All(study.Balanced, overlap => Assert.Equal(0, overlap));
        Assert.Equal(8, study.Balanced.Count);
    }

    /// <summary>Boxes that overlap the object by these IoUs, moved to the right.</summary>
    private static Proposals Proposals(params (int Count, float Iou)[] some) {
        Box[] boxes = [.. some.SelectMany(each => {
            float shift = 100 * (1 - each.Iou) / (1 + each.Iou);
            return Enumerable.Repeat(new Box(shift, 0, shift + 100, 100), each.Count);
        })];
        return new Proposals(boxes, new float[boxes.Length]);
    }
}
