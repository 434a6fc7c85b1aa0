using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>Changes the learning rate and the weight decay of the parameters whose name contains a text, as mmdetection's
/// <c>paramwise_cfg.custom_keys</c> does. Of several rules that match, the longest text wins.</summary>
/// <param name="NameContains">A part of the parameter's state name, <c>backbone</c> or <c>.bias</c>, say.</param>
/// <param name="LearningRateFactor">Multiplies the learning rate.</param>
/// <param name="WeightDecayFactor">Multiplies the weight decay.</param>
public sealed record ParameterRule(string NameContains, float LearningRateFactor = 1, float WeightDecayFactor = 1) {
    private static readonly ParameterRule None = new("");

    /// <summary>Rules for all biases but those of norms and of deformable convolutions' offsets (mmcv's <c>bias_lr_mult</c> and
    /// <c>bias_decay_mult</c>); none if both factors are one.</summary>
    /// <param name="network">Whose parameters are trained.</param>
    /// <param name="learningRateFactor">Multiplies the learning rate.</param>
    /// <param name="weightDecayFactor">Multiplies the weight decay.</param>
    public static IReadOnlyList<ParameterRule> OfBiases(Module network, float learningRateFactor, float weightDecayFactor) {
        if (learningRateFactor == 1 && weightDecayFactor == 1) return [];
        const string bias = "bias", weight = "weight";
        Dictionary<string, Parameter> all = network.Parameters().ToDictionary(each => each.Name, each => each.Parameter);
        return [.. all.Keys.Where(name => name.EndsWith("." + bias, StringComparison.Ordinal)
                && !name.EndsWith(".conv_offset." + bias, StringComparison.Ordinal)
                && all.TryGetValue(name[..^bias.Length] + weight, out Parameter? beside) && beside.Value.Shape.Rank > 1)
            .Select(name => new ParameterRule(name, learningRateFactor, weightDecayFactor))];
    }

    /// <summary>The rule for a parameter; factors of one where none matches.</summary>
    public static ParameterRule For(string name, IEnumerable<ParameterRule> rules) => rules
        .Where(rule => name.Contains(rule.NameContains, StringComparison.Ordinal))
        .OrderByDescending(rule => rule.NameContains.Length).ThenBy(rule => rule.NameContains, StringComparer.Ordinal)
        .FirstOrDefault(None);
}
