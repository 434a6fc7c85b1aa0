using System.Text.Json.Serialization;
using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A property that is some numbers an object, read at its centre: an L1 loss there, as the official CenterNet has it. What derives
/// from it says how the numbers follow from what is known of an object, and how they are read.</summary>
/// <param name="Name">Its name, and its map's.</param>
/// <param name="Channels">How many numbers.</param>
/// <param name="LossWeight">Multiplies the loss.</param>
public abstract record CenterRegression(string Name, int Channels, float LossWeight = 1) : CenterProperty(Name) {
    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<CenterMap> Maps => [new(Name, Channels)];

    /// <summary>The numbers that the map should hold at an object's centre; NaN where one is not known.</summary>
    /// <param name="given">What is known of the object.</param>
    /// <param name="one">Its place on the map.</param>
    /// <param name="targets">Everybody's places.</param>
    protected virtual float[] Target(float[] given, CenterObject one, CenterTargets targets) => given;

    /// <summary>The numbers from what the branch gives, which may be any: of the same shape, the channels last.</summary>
    protected virtual Tensor Activate(Tensor raw) => raw;

    /// <summary>What the numbers at a centre that was found mean.</summary>
    /// <param name="numbers">Those at the centre.</param>
    /// <param name="one">The centre.</param>
    /// <param name="found">How cells lie in pictures.</param>
    protected virtual float[] Value(float[] numbers, CenterFinding one, CenterFindings found) => numbers;

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> Losses(CenterTraining training) {
        float[] wanted = [.. training.Objects.SelectMany(one => Target(training.Given(one), one, training.Targets))];
        return [new($"loss_{Name}", Difference(training, Activate(training.AtObjects(Name)), wanted) * LossWeight)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Tensor> Read(CenterPeaks peaks) => [peaks.AtCenters(Activate(peaks.Map(Name)))];

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Decode(CenterFindings found, IReadOnlyList<float[]> read) =>
        [.. read[0].Chunk(Channels).Select((numbers, i) => Value(numbers, found.Centers[i], found))];

    /// <summary>The mean of |predicted - wanted| over the numbers that are known; a scalar 0 if there are none.</summary>
    internal static Tensor Difference(CenterTraining training, Tensor predicted, float[] wanted) {
        Check.That(wanted.Length == predicted.Count,
            $"CenterNet: a property has {predicted.Count} numbers but {wanted.Length} are wanted.");
        float[] known = Array.ConvertAll(wanted, value => float.IsNaN(value) ? 0f : 1);
        Tensor target = training.Place(Array.ConvertAll(wanted, value => float.IsNaN(value) ? 0 : value), predicted.Shape);
        return Op.Sum(Op.Abs(predicted - target) * training.Place(known, predicted.Shape)) / (known.Sum() + 1e-4f);
    }
}
