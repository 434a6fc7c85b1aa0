using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>mmdetection's pieces, case by case, from the group "units".</summary>
public class UnitTests {
    /// <summary>Units, and single cases, that wait for the issue of the systems that use them.</summary>
    private static readonly string[] Open = [
        "associative_embedding_loss", "balanced_l1_loss", "bfp", "bounded_iou_loss", "corner_pool", "cross_entropy_loss",
        "focal_loss", "gaussian2d", "gaussian_focal_loss", "gaussian_radius", "gen_gaussian_target", "heatmap_topk",
            "instance_balanced_pos_sampler",
        "iou_balanced_neg_sampler", "kd_kl_div_loss", "l1_loss", "map_roi_levels",
            "multiclass_nms",
        "ohem_sampler", "random_sampler", "smooth_l1_loss", "torch_randperm", "varifocal_loss",
    ];

    private static readonly Dictionary<string, Func<FixtureCase, Outputs>> Units = new() {
        ["anchor_generator"] = UnitCases.Anchors,
        ["atss_assigner"] = UnitCases.Atss,
        ["mlvl_point_generator"] = UnitCases.Points,
        ["batched_nms"] = UnitCases.BatchedNms,
        ["bbox2distance"] = UnitCases.Encode,
        ["bbox_overlaps"] = UnitCases.Overlaps,
        ["ciou_loss"] = c => UnitCases.BoxLoss(c, config => new CiouLoss(config.Weight, config.Eps)),
        ["delta_xywh_bbox_coder"] = UnitCases.Deltas,
        ["diou_loss"] = c => UnitCases.BoxLoss(c, config => new DiouLoss(config.Weight, config.Eps)),
        ["distance2bbox"] = UnitCases.Decode,
        ["distribution_focal_loss"] = UnitCases.DistributionLoss,
        ["giou_loss"] = c => UnitCases.BoxLoss(c, config => new GiouLoss(config.Weight, config.Eps)),
        ["iou_loss"] = c =>
            UnitCases.BoxLoss(c, config => new IouLoss(config.Weight, config.Eps, Enum.Parse<IouLossMode>(config.Mode, ignoreCase: true))),
        ["max_iou_assigner"] = UnitCases.MaxIou,
        ["nms"] = UnitCases.Nms,
        ["quality_focal_loss"] = UnitCases.QualityLoss,
        ["soft_nms"] = UnitCases.SoftNms,
    };

    public static TheoryData<string, string> Cases => GpuCase.Everywhere(FixtureFile.Cases("units").Where(name => !IsOpen(name)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Unit_holds(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        string unit = FixtureFile.Subject(name);
        Assert.True(Units.TryGetValue(unit, out Func<FixtureCase, Outputs>? run), $"no test knows the unit '{unit}'");
        FixtureFile.Run("units", name, (Device?)gpu ?? HostDevice.Default, run);
    }

    [Fact]
    public void Open_units_are_there_and_open() {
        Assert.Subset(FixtureFile.Cases("units").Select(FixtureFile.Subject).ToHashSet(), Open.ToHashSet());
        Assert.DoesNotContain(Units.Keys, Open.Contains);
    }

    private static bool IsOpen(string name) => Open.Contains(FixtureFile.Subject(name));
}
