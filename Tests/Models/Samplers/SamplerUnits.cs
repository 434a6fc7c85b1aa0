using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Samplers as the unit fixtures' cases call them, with the draws that were recorded.</summary>
internal static class SamplerUnits {
    public static Outputs Sampled(FixtureCase c) {
        JsonElement calls = c.Calls;
        Sampler sampler = Read(c.Attribute("config"), null);
        var memory = new SamplerMemory();
        var outputs = new List<(string, Tensor)>();
        for (int call = 0; call < calls.GetArrayLength(); call++)
            outputs.AddRange(Call(c, sampler, memory, calls[call], calls.GetArrayLength() > 1 ? $"call{call}." : ""));
        return new([.. outputs]);
    }

    public static Outputs Permuted(FixtureCase c) {
        var choice = new TorchChoice((uint)c.Int("seed"));
        int[] all = [.. Enumerable.Range(0, c.Int("n"))];
        return new(("first", OfInts(choice.Choose(all, all.Length))), ("second", OfInts(choice.Choose(all, all.Length))));
    }

    private static List<(string, Tensor)> Call(FixtureCase c, Sampler sampler, SamplerMemory memory, JsonElement call, string prefix) {
        var outputs = new List<(string, Tensor)>();
        var draws = new List<(int[], int[])>();
        for (int k = 0; k < call.GetProperty("draws").GetArrayLength(); k++) {
            (string gallery, string picked) = ($"{prefix}draw.{k}.gallery", $"{prefix}draw.{k}.picked");
            draws.Add((c.Read("out." + gallery).ToIntArray(), c.Read("out." + picked).ToIntArray()));
            outputs.Add((gallery, c.Read("out." + gallery)));   // which galleries and picks must be is checked while they are drawn
            outputs.Add((picked, c.Read("out." + picked)));
        }
        (Box[] boxes, int[] labels) = (UnitCases.Boxes(c.Leaf("boxes")), c.Leaf("gt_labels").ToIntArray());
        var assignment = new Assignment(c.Leaf("gt_inds").ToIntArray(), c.Leaf("max_overlaps").ToArray());
        var truth = new GroundTruth(UnitCases.Boxes(c.Leaf("gt_bboxes")), labels);
        SampleLosses? losses = c.Optional("cls_score") is { } scores ? (some, _, truths) => Costs(scores, some, truths, labels) : null;

        var first = new RecordedChoice(draws);
        var kept = new SamplerMemory { FloorIsZero = memory.FloorIsZero };
        (int[] positives, int[] negatives) = sampler.Drawn(new SampleCandidates(boxes, assignment,
            sampler.AddTruths ? truth.Boxes : [], first, kept, losses));
        first.AllMade();
        Sampling sampled = sampler.Sample(boxes, assignment, truth, new RecordedChoice(draws), memory, losses);
        Assert.Equal(kept.FloorIsZero, memory.FloorIsZero);
        float[] corners = [.. sampled.Boxes.SelectMany(box => new[] { box.X1, box.Y1, box.X2, box.Y2 })];
        outputs.AddRange([
            Raw("pos_raw", positives),
            Raw("neg_raw", negatives),
            ($"{prefix}pos_inds", OfInts(sampled.Positives)),
            ($"{prefix}neg_inds", OfInts(sampled.Negatives)),
            ($"{prefix}pos_is_gt", OfInts([.. sampled.Positives.Select(i => i < sampled.Added ? 1 : 0)])),
            ($"{prefix}pos_assigned_gt_inds", OfInts(sampled.Truths)),
            ($"{prefix}boxes", Tensor.From(corners, [sampled.Boxes.Length, 4])),
        ]);
        return outputs;

        // What is taken whole stands in the order of the original's hash tables: as many times each, whatever the order.
        (string, Tensor) Raw(string name, int[] found) {
            Tensor recorded = c.Read($"out.{prefix}{name}");
            Assert.Equal(recorded.ToIntArray().Order(), found.Order());
            return (prefix + name, recorded);
        }
    }

    /// <summary>Cross entropy of some rows of logits, the last class being the background.</summary>
    private static float[] Costs(Tensor scores, int[] some, int[] truths, int[] labels) {
        (float[] logits, int classes) = (scores.ToArray(), scores.Shape[1]);
        return [.. some.Select((i, k) => {
            double[] row = [.. logits.AsSpan(i * classes, classes).ToArray().Select(x => (double)x)];
            int label = truths[k] > 0 ? labels[truths[k] - 1] : classes - 1;
            return (float)(Math.Log(row.Sum(x => Math.Exp(x - row.Max()))) + row.Max() - row[label]);
        })];
    }

    /// <summary>A sampler as the case's config says it.</summary>
    private static Sampler Read(JsonElement config, Sampler? whole) {
        string[] own = config.GetProperty("type").GetString() switch {
            "CombinedSampler" => ["pos_sampler", "neg_sampler"],
            "IoUBalancedNegSampler" => ["floor_thr", "floor_fraction", "num_bins"],
            _ => [],
        };
        string[] shared = whole is null ? ["num", "pos_fraction", "neg_pos_ub", "add_gt_as_proposals"] : [];
        Assert.Subset(new HashSet<string>(["type", .. own, .. shared]), config.EnumerateObject().Select(entry => entry.Name).ToHashSet());
        int count = whole?.Count ?? config.GetProperty("num").GetInt32();
        double fraction = whole?.PositiveFraction ?? config.GetProperty("pos_fraction").GetDouble();
        var plain = new RandomSampler(count, fraction);
        Sampler read = config.GetProperty("type").GetString() switch {
            "CombinedSampler" => new CombinedSampler(count, fraction, Read(config.GetProperty("pos_sampler"), plain),
                Read(config.GetProperty("neg_sampler"), plain)),
            "IoUBalancedNegSampler" => new IouBalancedNegSampler(count, fraction, Number("floor_thr", -1), Number("floor_fraction", 0),
                (int)Number("num_bins", 3)),
            "InstanceBalancedPosSampler" => new InstanceBalancedPosSampler(count, fraction),
            "OHEMSampler" => new OhemSampler(count, fraction),
            "PseudoSampler" => new PseudoSampler(),
            "RandomSampler" => plain,
            var other => throw new InvalidDataException($"no test knows the sampler '{other}'"),
        };
        if (whole is null) read.Validate();
        return read with {
            NegativeRatio = Number("neg_pos_ub", -1),
            AddTruths = config.TryGetProperty("add_gt_as_proposals", out JsonElement add) ? add.GetBoolean() : read.AddTruths,
        };

        double Number(string name, double fallback) => config.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : fallback;
    }

    private static Tensor OfInts(int[] values) => Tensor.From(values, [values.Length]);
}
