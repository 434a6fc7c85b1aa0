namespace DenseEngine.Models;

internal sealed partial record KeyAliases {
    /// <summary>The official CornerNet's, whose checkpoints put <c>module.</c> before all names, or not where somebody took it
    /// off.</summary>
    private static IEnumerable<KeyAliases> CornerNet() {
        const string corner = @"^bbox_head\.(tl|br)_";
        (string, string)[] pairs = [
            .. Hourglass,
            (corner + @"pool\.(\d+)\.direction(\d)_conv\.", "$1_cnvs.$2.p$3_conv1."),
            (corner + @"pool\.(\d+)\.aftpool_conv\.(conv|bn)\.", "$1_cnvs.$2.p_${3}1."),
            (corner + @"pool\.(\d+)\.conv1\.(conv|bn)\.", "$1_cnvs.$2.${3}1."),
            (corner + @"pool\.", "$1_cnvs."),
            (corner + @"heat\.(\d+)\.", "$1_heats.$2."),
            (corner + @"emb\.(\d+)\.", "$1_tags.$2."),
            (corner + @"off\.(\d+)\.", "$1_regrs.$2."),
            (@"^((?:tl|br)_(?:heats|tags|regrs)\.\d+\.1)\.conv\.", "$1."),
        ];
        yield return new("princeton-vl/CornerNet", [.. pairs, ("^", "module.")]);
        yield return new("princeton-vl/CornerNet without its prefix", pairs);
    }
}
