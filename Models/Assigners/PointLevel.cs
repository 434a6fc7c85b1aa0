namespace DenseEngine.Models;

/// <summary>A level's points among all.</summary>
/// <param name="Start">The number of its first point.</param>
/// <param name="Count">How many it has.</param>
/// <param name="FirstBlock">Its first block of sixteen.</param>
/// <param name="Blocks">How many it has.</param>
internal readonly record struct PointLevel(int Start, int Count, int FirstBlock, int Blocks);
