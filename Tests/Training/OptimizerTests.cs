using DenseEngine.Models;
using DenseEngine.Training;
using Xunit;

namespace DenseEngine.Tests;

public class OptimizerTests {
    private static Tensor Parameter(float[] values, float[]? gradient) {
        Tensor p = Tensor.From(values, [values.Length]);
        p.RequiresGrad = true;
        if (gradient is not null) p.Grad = Tensor.From(gradient, [gradient.Length]);
        return p;
    }

    private static float[] Normals(Philox random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextNormal())];

    /// <summary>Three steps against the formula in double, long enough for vector body and remainder.</summary>
    [Fact]
    public void Momentum_and_decay_follow_the_formula() {
        using var scope = new TensorScope();
        var random = new Philox(3);
        float[] start = [.. Enumerable.Range(0, 37).Select(_ => random.NextNormal())];
        float[] gradient = [.. Enumerable.Range(0, 37).Select(_ => random.NextNormal())];
        Tensor p = Parameter(start, gradient), still = Parameter([1f], null), flat = Parameter([1f], [0f]);
        using var sgd = new Sgd([("a", p), ("still", still), ("flat.bias", flat)], 0.9f, 0.01f, new ParameterRule("bias", 2, 5));
        double[] value = [.. start.Select(x => (double)x)], velocity = new double[37];
        for (int step = 0; step < 3; step++) {
            sgd.Step(0.1f);
            for (int i = 0; i < 37; i++) {
                velocity[i] = 0.9 * velocity[i] + gradient[i] + 0.01 * value[i];
                value[i] -= 0.1 * velocity[i];
            }
        }
        for (int i = 0; i < 37; i++) Assert.Equal(value[i], p.Span[i], 1e-6);
        Assert.Equal(1f, still.Item());
        double decayed = 1, speed = 0;
        for (int step = 0; step < 3; step++) decayed -= 0.2 * (speed = 0.9 * speed + 0.05 * decayed);
        Assert.Equal(decayed, flat.Item(), 1e-6);
    }

    /// <summary>A device's kernel takes the same steps; 38 and 5 elements reach both of its ends.</summary>
    [Fact]
    public void Steps_on_a_device_are_the_hosts() {
        foreach (GpuCase place in GpuCase.All) {
            using GpuDevice gpu = place.Open();
            StepsAgree(gpu);
        }
    }

    /// <summary>The same on one device.</summary>
    internal static void StepsAgree(GpuDevice gpu) {
        using var scope = new TensorScope();
        var random = new Philox(3);
        Tensor[] host = [.. new[] { 38, 5, 8 }.Select(n => Parameter(Normals(random, n), Normals(random, n)))];
        Tensor[] there = [.. host.Select(p => p.To(gpu))];
        for (int i = 0; i < host.Length; i++) (there[i].RequiresGrad, there[i].Grad) = (true, host[i].Grad!.To(gpu));
        Func<IEnumerable<(string, Tensor)>, Optimizer>[] kinds = [
            parameters => new Sgd(parameters, 0.9f, 0.01f), parameters => new Adam(parameters, weightDecay: 0.01f),
        ];
        foreach (Func<IEnumerable<(string, Tensor)>, Optimizer> make in kinds) {
            using Optimizer ours = make(host.Select((p, i) => ($"p{i}", p))), theirs = make(there.Select((p, i) => ($"p{i}", p)));
            for (int step = 0; step < 3; step++) {
                ours.Step(0.1f);
                theirs.Step(0.1f);
            }
            for (int i = 0; i < host.Length; i++) Compare.Close("optimizers", $"{gpu.Name}, {i}", host[i], there[i], 1e-6, 0);
        }
    }

    /// <summary>Against the formula in double, and PyTorch 1.13's first three steps of one number.</summary>
    [Fact]
    public void Adam_follows_the_formula() {
        using var scope = new TensorScope();
        var random = new Philox(4);
        float[] start = Normals(random, 37), gradient = Normals(random, 37);
        Tensor p = Parameter(start, gradient), still = Parameter([1f], null), one = Parameter([0.5f], [0.3f]);
        using var adam = new Adam([("a", p), ("still", still), ("one.bias", one)], 0.8, 0.99, 1e-3f, 0.01f,
            new ParameterRule("bias", 2, 0));
        double[] value = [.. start.Select(x => (double)x)], mean = new double[37], square = new double[37];
        for (int step = 1; step <= 3; step++) {
            adam.Step(0.1f);
            for (int i = 0; i < 37; i++) {
                double slope = gradient[i] + 0.01 * value[i];
                mean[i] = 0.8 * mean[i] + 0.2 * slope;
                square[i] = 0.99 * square[i] + 0.01 * slope * slope;
                value[i] -= 0.1 * mean[i] / (1 - Math.Pow(0.8, step)) / (Math.Sqrt(square[i] / (1 - Math.Pow(0.99, step))) + 1e-3);
            }
        }
        for (int i = 0; i < 37; i++) Assert.Equal(value[i], p.Span[i], 1e-5);
        Assert.Equal(1f, still.Item());
        Assert.Equal(-0.09800661, one.Item(), 1e-6);
    }

    [Fact]
    public void A_saved_state_goes_on_with_the_same_bits() {
        using var scope = new TensorScope();
        Tensor p = Parameter([1, 2, 3], [0.5f, -1, 2]), q = Parameter([1, 2, 3], [0.5f, -1, 2]);
        using Sgd whole = new([("w", p)]), first = new([("w", q)]), second = new([("w", q)]);
        whole.Step(0.1f);
        whole.Step(0.1f);
        first.Step(0.1f);
        second.Load(first.State);
        second.Step(0.1f);
        Assert.Equal(p.ToArray(), q.ToArray());
        Assert.Throws<CheckpointException>(() => second.Load([("velocity.other", p)]));
        Assert.Throws<CheckpointException>(() => second.Load([("mean.w", p)]));
    }

    [Fact]
    public void Adams_saved_state_goes_on_with_the_same_bits() {
        using var scope = new TensorScope();
        Tensor p = Parameter([1, 2, 3], [0.5f, -1, 2]), q = Parameter([1, 2, 3], [0.5f, -1, 2]);
        using Adam whole = new([("w", p)]), first = new([("w", q)]), second = new([("w", q)]), third = new([("w", q)]);
        whole.Step(0.1f);
        whole.Step(0.1f);
        first.Step(0.1f);
        second.Load(first.State);
        second.Step(0.1f);
        Assert.Equal(p.ToArray(), q.ToArray());
        Assert.Throws<CheckpointException>(() => third.Load(second.State.Take(2)));
    }

    [Fact]
    public void Clipping_scales_all_gradients_by_their_common_norm() {
        using var scope = new TensorScope();
        Tensor a = Parameter([0], [3]), b = Parameter([0], [4]), none = Parameter([0], null);
        Assert.Equal(5, GradientClip.Apply([a, none, b], 10), 1e-12);
        Assert.Equal(3, a.Grad!.Item());
        GradientClip.Apply([a, none, b], 1);
        Assert.Equal(0.6, a.Grad!.Item(), 1e-6);
        Assert.Equal(0.8, b.Grad!.Item(), 1e-6);
    }

    /// <summary>Long gradients, which are cut, beside short ones, which are not.</summary>
    [Fact]
    public void Clipping_sees_every_element() {
        using var scope = new TensorScope();
        var random = new Philox(5);
        float[][] gradients = [Normals(random, 3), Normals(random, 150_001), Normals(random, 40), Normals(random, 65_536)];
        Tensor[] parameters = [.. gradients.Select(g => Parameter(new float[g.Length], g))];
        double norm = Math.Sqrt(gradients.Sum(g => g.Sum(x => (double)x * x)));
        Assert.Equal(norm, GradientClip.Apply(parameters, 10), 1e-6 * norm);
        for (int i = 0; i < gradients.Length; i++)
            for (int j = 0; j < gradients[i].Length; j++)
                Assert.Equal(gradients[i][j] * (10 / norm), parameters[i].Grad!.Span[j], 1e-6);
    }

    /// <summary>Values by hand from mmcv's rules: warm-up lr·(1-(1-i/n)(1-ratio)); steps at epochs 8 and 11; cosine by step.</summary>
    [Fact]
    public void Schedules_follow_their_rules() {
        var steps = new StepSchedule(0.01f, [8, 11], WarmupSteps: 500);
        Assert.Equal(0.01 * 0.001, steps.At(0, 100), 1e-9);
        Assert.Equal(0.01 * (1 - 0.5 * 0.999), steps.At(250, 100), 1e-9);
        Assert.Equal(0.01, steps.At(799, 100), 1e-9);
        Assert.Equal(0.001, steps.At(800, 100), 1e-9);
        Assert.Equal(0.0001, steps.At(1199, 100), 1e-9);
        StepSchedule constant = steps with { WarmupRatio = 0.25f, ConstantWarmup = true },
            inSteps = steps with { InSteps = true, WarmupSteps = 0 };
        foreach ((double expected, float rate) in (ReadOnlySpan<(double, float)>)[(0.0025, constant.At(0, 100)),
            (0.0025, constant.At(499, 100)), (0.01, constant.At(500, 100)), (0.01, inSteps.At(7, 100)), (0.001, inSteps.At(8, 100)),
            (0.0001, inSteps.At(11, 100))]) Assert.Equal(expected, rate, 1e-9);
        var cosine = new CosineSchedule(0.02f, 1000, 0.002f);
        Assert.Equal(0.02, cosine.At(0, 10), 1e-9);
        Assert.Equal(0.011, cosine.At(500, 10), 1e-9);
        Assert.Equal(0.002, cosine.At(5000, 10), 1e-9);
    }

    /// <summary>mmcv's rule: biases of convolutions, neither norms' nor those of offsets.</summary>
    [Fact]
    public void Rules_of_biases_spare_norms() {
        using Detector detector = Detector.Build(GflConfig.Demo(["a"]));
        Assert.Empty(ParameterRule.OfBiases(detector, 1, 1));
        IReadOnlyList<ParameterRule> rules = ParameterRule.OfBiases(detector, 2, 0);
        string[] all = [.. detector.Parameters().Select(each => each.Name)],
            ruled = [.. all.Where(name => ParameterRule.For(name, rules) != ParameterRule.For(name, []))];
        Assert.Contains("bbox_head.gfl_cls.bias", ruled);
        Assert.Contains("neck.fpn_convs.0.conv.bias", ruled);
        Assert.Equal(all.Where(name => name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains(".gn.", StringComparison.Ordinal)
            && !name.Contains("bn", StringComparison.Ordinal) && !name.Contains("downsample.1", StringComparison.Ordinal)), ruled);
        Assert.Equal((2, 0), (ParameterRule.For("neck.fpn_convs.0.conv.bias", rules).LearningRateFactor,
            ParameterRule.For("neck.fpn_convs.0.conv.bias", rules).WeightDecayFactor));
    }

    [Fact]
    public void A_recipe_becomes_options() {
        GflConfig config = GflConfig.Demo(["a"]);
        using Detector detector = Detector.Build(config with {
            Training = new() {
                LearningRate = 0.4f,
                ReferenceBatch = 16,
                BatchSize = 4,
                Epochs = 12,
                Steps = [8, 11],
                BiasRateFactor = 2,
                ClipNorm = 35,
                WarmupIterations = 10,
                WarmupRatio = 0.5f,
                ConstantWarmup = true,
            },
        });
        var options = TrainingOptions.Of(detector, pictures: 41);
        Assert.Equal((12, null, 4, 35), (options.Epochs, options.Steps, options.BatchSize, options.ClipNorm!.Value));
        var schedule = (StepSchedule)options.Schedule;
        Assert.Equal(new StepSchedule(0.1f, schedule.Epochs, 0.1f, 10, 0.5f, true), schedule);
        Assert.Equal([8, 11], schedule.Epochs);
        Assert.NotEmpty(options.ParameterRules);
        var longer = TrainingOptions.Of(detector, pictures: 41, batchSize: 8, epochs: 24, cosine: true);
        Assert.Equal(new CosineSchedule(0.2f, 6 * 24, 0, 10, 0.5f, true), longer.Schedule);
        using Detector inSteps = Detector.Build(config with {
            Training = new() { ReferenceBatch = 16, BatchSize = 4, Iterations = 100, Steps = [60, 90] },
        });
        TrainingOptions counted = TrainingOptions.Of(inSteps, pictures: 41), epochs = TrainingOptions.Of(inSteps, 41, epochs: 20);
        Assert.Equal((400, 37), (counted.Steps, counted.Epochs));
        Assert.Equal([240, 360], ((StepSchedule)counted.Schedule).Epochs);
        Assert.True(((StepSchedule)counted.Schedule).InSteps);
        Assert.Equal((null, 20), (epochs.Steps, epochs.Epochs));
        Assert.Equal([12, 18], ((StepSchedule)epochs.Schedule).Epochs);
        using var trainer = new Trainer(inSteps, [new TrainingPicture(1, "none", [], [], [])], Augmentation.Of(config), counted);
        Assert.Equal(400, trainer.TotalSteps);
    }
}
