using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>mmdetection's pieces, case by case, from the group "units".</summary>
public class UnitTests {
    private static readonly Dictionary<string, Func<FixtureCase, Outputs>> Units = new() {
        ["anchor_generator"] = UnitCases.Anchors,
        ["associative_embedding_loss"] = HeatMapUnits.Embeddings,
        ["atss_assigner"] = UnitCases.Atss,
        ["mlvl_point_generator"] = UnitCases.Points,
        ["balanced_l1_loss"] = LossUnits.Differences,
        ["bfp"] = NeckUnits.Balanced,
        ["bounded_iou_loss"] = LossUnits.Differences,
        ["batched_nms"] = UnitCases.BatchedNms,
        ["bbox2distance"] = UnitCases.Encode,
        ["bbox_overlaps"] = UnitCases.Overlaps,
        ["ciou_loss"] = LossUnits.Boxes,
        ["corner_pool"] = c => new(("y", FixtureCase.Nchw(Op.CornerPool(c.Nhwc("x"), OpCases.Side(c))))),
        ["cross_entropy_loss"] = LossUnits.CrossEntropy,
        ["delta_xywh_bbox_coder"] = UnitCases.Deltas,
        ["diou_loss"] = LossUnits.Boxes,
        ["distance2bbox"] = UnitCases.Decode,
        ["distribution_focal_loss"] = LossUnits.Distribution,
        ["focal_loss"] = LossUnits.Focal,
        ["gaussian2d"] = HeatMapUnits.Kernel,
        ["gaussian_focal_loss"] = LossUnits.GaussianFocal,
        ["gaussian_radius"] = HeatMapUnits.Radius,
        ["gen_gaussian_target"] = HeatMapUnits.Target,
        ["giou_loss"] = LossUnits.Boxes,
        ["heatmap_topk"] = HeatMapUnits.Peaks,
        ["iou_loss"] = LossUnits.Boxes,
        ["instance_balanced_pos_sampler"] = SamplerUnits.Sampled,
        ["iou_balanced_neg_sampler"] = SamplerUnits.Sampled,
        ["kd_kl_div_loss"] = LossUnits.Distillation,
        ["l1_loss"] = LossUnits.Differences,
        ["map_roi_levels"] = UnitCases.RoiLevels,
        ["max_iou_assigner"] = UnitCases.MaxIou,
        ["multiclass_nms"] = UnitCases.MulticlassNms,
        ["nms"] = UnitCases.Nms,
        ["ohem_sampler"] = SamplerUnits.Sampled,
        ["quality_focal_loss"] = LossUnits.Quality,
        ["random_sampler"] = SamplerUnits.Sampled,
        ["smooth_l1_loss"] = LossUnits.Differences,
        ["soft_nms"] = UnitCases.SoftNms,
        ["torch_randperm"] = SamplerUnits.Permuted,
        ["varifocal_loss"] = LossUnits.Varifocal,
    };

    public static TheoryData<string, string> Cases => GpuCase.Everywhere(FixtureFile.Cases("units"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Unit_holds(string name, string place) {
        using GpuDevice? gpu = GpuCase.Open(place);
        string unit = FixtureFile.Subject(name);
        Assert.True(Units.TryGetValue(unit, out Func<FixtureCase, Outputs>? run), $"no test knows the unit '{unit}'");
        FixtureFile.Run("units", name, (Device?)gpu ?? HostDevice.Default, run);
    }
}
