using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The anchors of one picture that count in training, level after level.</summary>
/// <param name="Boxes">The anchors.</param>
/// <param name="Places">Each one's number among all of the picture's anchors.</param>
/// <param name="LevelSizes">How many of them each level has.</param>
/// <param name="Total">How many anchors the picture has in all.</param>
internal sealed record AnchorsInside(Box[] Boxes, int[] Places, int[] LevelSizes, int Total) {
    /// <summary>What was found for each, at its place among all; -1 elsewhere.</summary>
    public int[] Spread(int[] found) {
        int[] all = new int[Total];
        Array.Fill(all, -1);
        for (int i = 0; i < found.Length; i++) all[Places[i]] = found[i];
        return all;
    }
}
