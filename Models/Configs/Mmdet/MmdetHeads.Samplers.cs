namespace DenseEngine.Models;

internal static partial class MmdetHeads {
    /// <summary>Who draws the priors that take part in the losses.</summary>
    public static Sampler Sampler(ConfigSection sampler) {
        string type = sampler.Type("CombinedSampler", "IoUBalancedNegSampler", "InstanceBalancedPosSampler", "OHEMSampler", "PseudoSampler",
            "RandomSampler");
        if (type == "PseudoSampler") {
            sampler.IgnoreAll();   // as the original does
            return new PseudoSampler();
        }
        if (type == "OHEMSampler") sampler.Only("loss_key", "loss_cls");
        (int count, double fraction) = (sampler.Int("num", least: 0), sampler.Double("pos_fraction", least: 0, most: 1));
        Sampler read = Of(sampler, type, count, fraction) with {
            NegativeRatio = sampler.Double("neg_pos_ub", -1),
            AddTruths = sampler.Bool("add_gt_as_proposals", true),
        };
        sampler.Check(read.Validate);
        return read;
    }

    private static Sampler Of(ConfigSection sampler, string type, int count, double fraction) => type switch {
        "CombinedSampler" => new CombinedSampler(count, fraction, Part(sampler.Needed("pos_sampler"), count, fraction),
            Part(sampler.Needed("neg_sampler"), count, fraction)),
        "InstanceBalancedPosSampler" => new InstanceBalancedPosSampler(count, fraction),
        "IoUBalancedNegSampler" => new IouBalancedNegSampler(count, fraction, sampler.Double("floor_thr", -1),
            sampler.Double("floor_fraction", 0), sampler.Int("num_bins", 3)),
        "OHEMSampler" => new OhemSampler(count, fraction),
        _ => new RandomSampler(count, fraction),
    };

    /// <summary>One half of a combined sampler, which has the whole's numbers.</summary>
    private static Sampler Part(ConfigSection part, int count, double fraction) {
        string type = part.Type("IoUBalancedNegSampler", "InstanceBalancedPosSampler", "OHEMSampler", "RandomSampler");
        return Of(part, type, count, fraction);
    }
}
