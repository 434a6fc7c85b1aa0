using System.Runtime.InteropServices;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What one level's anchors are to learn, over the whole batch; rows are picture, then cell, then anchor.</summary>
/// <param name="Labels">The class of each row; the number of classes for background.</param>
/// <param name="LabelWeights">1, or 0 for rows outside their picture or ignored.</param>
/// <param name="Positives">The rows that are to find an object, ascending.</param>
/// <param name="Anchors">Each positive's anchor.</param>
/// <param name="Boxes">Each positive's object.</param>
public sealed record LevelTargets(int[] Labels, float[] LabelWeights, int[] Positives, Box[] Anchors, Box[] Boxes) {
    /// <summary>The number of positives.</summary>
    public int Count => Positives.Length;

    /// <summary>The labels [rows] on a device.</summary>
    public Tensor LabelTensor(Device device) => Tensor.From(Labels, [Labels.Length], device);

    /// <summary>The labels' weights [rows] on a device.</summary>
    public Tensor WeightTensor(Device device) => Tensor.From(LabelWeights, [LabelWeights.Length], device);

    /// <summary>The positives' rows [P] on a device.</summary>
    public Tensor Index(Device device) => Tensor.From(Positives, [Count], device);

    /// <summary>The positives' anchors [P,4] on a device.</summary>
    public Tensor AnchorTensor(Device device) => OfBoxes(Anchors, device);

    /// <summary>The positives' objects [P,4] on a device.</summary>
    public Tensor BoxTensor(Device device) => OfBoxes(Boxes, device);

    /// <summary>Boxes as a tensor [P,4].</summary>
    public static Tensor OfBoxes(ReadOnlySpan<Box> boxes, Device device) =>
        Tensor.From(MemoryMarshal.Cast<Box, float>(boxes), [boxes.Length, 4], device);
}
