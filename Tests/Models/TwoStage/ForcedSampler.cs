using DenseEngine.Models;

namespace DenseEngine.Tests;

/// <summary>Takes sets that were drawn before, one picture after the other.</summary>
/// <param name="Sets">What is left of them.</param>
/// <param name="AddTruths">See <see cref="Sampler"/>.</param>
internal sealed record ForcedSampler(Queue<(int[] Positives, int[] Negatives)> Sets, bool AddTruths)
    : Sampler(0, 0, AddTruths: AddTruths) {
    internal override (int[] Positives, int[] Negatives) Drawn(SampleCandidates candidates) => Sets.Dequeue();
}
