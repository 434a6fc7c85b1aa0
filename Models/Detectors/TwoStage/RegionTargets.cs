using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>What regions are to learn, over the whole batch.</summary>
/// <param name="Labels">Each region's class; the number of classes for none.</param>
/// <param name="Priors">The positive regions.</param>
/// <param name="Boxes">The objects that they are to find.</param>
internal sealed record RegionTargets(int[] Labels, Box[] Priors, Box[] Boxes);
