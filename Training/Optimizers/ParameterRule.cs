namespace DenseEngine.Training;

/// <summary>Changes the learning rate and the weight decay of the parameters whose name contains a text, as mmdetection's
/// <c>paramwise_cfg.custom_keys</c> does. Of several rules that match, the longest text wins.</summary>
/// <param name="NameContains">A part of the parameter's state name, <c>backbone</c> or <c>.bias</c>, say.</param>
/// <param name="LearningRateFactor">Multiplies the learning rate.</param>
/// <param name="WeightDecayFactor">Multiplies the weight decay.</param>
public sealed record ParameterRule(string NameContains, float LearningRateFactor = 1, float WeightDecayFactor = 1) {
    private static readonly ParameterRule None = new("");

    /// <summary>The rule for a parameter; factors of one where none matches.</summary>
    public static ParameterRule For(string name, IEnumerable<ParameterRule> rules) => rules
        .Where(rule => name.Contains(rule.NameContains, StringComparison.Ordinal))
        .OrderByDescending(rule => rule.NameContains.Length).ThenBy(rule => rule.NameContains, StringComparer.Ordinal)
        .FirstOrDefault(None);
}
