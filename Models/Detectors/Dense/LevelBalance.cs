namespace DenseEngine.Models;

/// <summary>Factors of the levels' losses that follow the positives counted so far (Chen et al., 2021, section 3.3): from 2 for the level
/// with the fewest to 1 for the one with the most, linearly. The counts belong to a training's state.</summary>
/// <param name="Separate">Whether the class branch and the box branch count for themselves, as in the official code; else both add to the
/// same counts, first the classes', whose factors do not know of the boxes' (mmdetection).</param>
public sealed record LevelBalance(bool Separate = false);
