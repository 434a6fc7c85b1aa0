using DenseEngine.Ops;
using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>Our side of an item: what is run again and again, and its results in our layout.</summary>
/// <param name="Run">Queues the work once.</param>
/// <param name="Results">Runs once and shows the results while they live.</param>
internal sealed partial record GpuWork(Action Run, Action<Action<string, Tensor>> Results) {
    /// <summary>Whether each run has the same results.</summary>
    public bool Repeats { get; private init; } = true;

    /// <summary>Draws the inputs of an item and prepares its work.</summary>
    /// <param name="item">The item.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="folder">Where a peer leaves weights.</param>
    public static GpuWork Of(GpuItem item, Device device, string folder) {
        Tensor Map(int seed, float from = -1, float to = 1) => GpuDraw.Tensor(device, seed, from, to, item.N, item.H, item.W, item.C);
        Tensor Line(int seed, float from, float to) => GpuDraw.Tensor(device, seed, from, to, item.C);
        Tensor Table(int seed, float from, float to) => GpuDraw.Tensor(device, seed, from, to, item.N, item.C);
        return item.Kind switch {
            "copy" => Copy(item, device),
            "matmul" => Forward(t => Op.MatMul(t[0], t[1]), GpuDraw.Tensor(device, 1, -1, 1, item.N, item.N),
                GpuDraw.Tensor(device, 2, -1, 1, item.N, item.N)),
            "conv" => Conv(item, device, Map(1)),
            "relu" => Forward(t => Op.Relu(t[0]), Map(1)),
            "relu-gradient" => Gradient(t => Op.Relu(t[0]), 1, Map(1)),
            "add" => Forward(t => Op.Add(t[0], t[1]), Map(1), Map(2)),
            "batchnorm" or "batchnorm-gradient" => Either(item, t => Op.BatchNorm(t[0], t[1], t[2], t[3], t[4], training: true), 3,
                Map(1), Line(2, 0.5f, 1.5f), Line(3, -1, 1), Line(4, 0, 1), Line(5, 0.5f, 1.5f)),
            "groupnorm" or "groupnorm-gradient" => Either(item, t => Op.GroupNorm(t[0], Math.Min(32, item.C / 4), t[1], t[2], relu: true),
                3, Map(1), Line(2, 0.5f, 1.5f), Line(3, -1, 1)),
            "softmax" or "softmax-gradient" => Either(item, t => Op.Softmax(t[0]), 1, Table(1, -4, 4)),
            "loss" or "loss-gradient" => Loss(item, device, Table),
            "maxpool" or "maxpool-gradient" => Either(item, t => Op.MaxPool2d(t[0], 3, 2, 1), 1, Map(1)),
            "sum" => Forward(t => Op.Reshape(Op.Sum(t[0]), 1), Map(1)),
            "mean" => Forward(t => Op.Mean(t[0], [1, 2]), Map(1)),
            "amax" => Forward(t => Op.Amax(t[0], [1]), Table(1, -4, 4)),
            "sgd" or "adam" => Optimizer(item, device),
            "dcn" or "dcn-gradient" => Either(item, t => Op.DeformConv2d(t[0], t[1], t[3], t[2], padding: 1), 4, Map(1),
                GpuDraw.Tensor(device, 2, -2, 2, item.N, item.H, item.W, 18), GpuDraw.Tensor(device, 3, 0, 1, item.N, item.H, item.W, 9),
                GpuDraw.Tensor(device, 4, -0.05f, 0.05f, item.C, 3, 3, item.C)),
            "cornerpool" or "cornerpool-gradient" => Either(item,
                t => Op.CornerPool(t[0], Enum.Parse<CornerSide>(item.Part, ignoreCase: true)), 1, Map(1)),
            "nms" => Forward(t => Op.Nms(t[0], t[1], 0.5f), Tensor.From(GpuDraw.Boxes(1, item.Count), [item.Count, 4], device).Persist(),
                GpuDraw.Tensor(device, 3, 0, 1, item.Count)),
            "gfl-forward" or "gfl-train" => Network(item, device, folder),
            _ => throw new NotSupportedException($"The kind '{item.Kind}' is not known."),
        };
    }

    private static GpuWork Either(GpuItem item, Func<Tensor[], Tensor> operation, int leaves, params Tensor[] inputs) =>
        item.Kind.EndsWith("-gradient", StringComparison.Ordinal) ? Gradient(operation, leaves, inputs) : Forward(operation, inputs);

    private static GpuWork Forward(Func<Tensor[], Tensor> operation, params Tensor[] inputs) => Of(show => {
        using var noGrad = new NoGrad();
        show("y", operation(inputs));
    });

    /// <summary>Work whose results die with a scope.</summary>
    private static GpuWork Of(Action<Action<string, Tensor>> run) {
        void Scoped(Action<string, Tensor> show) {
            using var scope = new TensorScope();
            run(show);
        }
        return new(() => Scoped(static (_, _) => { }), Scoped);
    }

    /// <summary>The gradients of the first inputs, the forward pass not in the time.</summary>
    private static GpuWork Gradient(Func<Tensor[], Tensor> operation, int leaves, params Tensor[] inputs) {
        foreach (Tensor leaf in inputs.AsSpan(0, leaves)) leaf.RequiresGrad = true;
        return Gradient(operation(inputs).Persist(), inputs[..leaves]);
    }

    private static GpuWork Gradient(Tensor y, Tensor[] leaves) {
        Tensor dy = GpuDraw.Tensor(y.Device, 9, -1, 1, y.Shape.ToArray());
        return Of(show => {
            y.Backward(dy, keepGraph: true);
            for (int i = 0; i < leaves.Length; i++) {
                show($"d{i}", leaves[i].Grad!);
                leaves[i].Grad!.Dispose();
                leaves[i].Grad = null;
            }
        });
    }

    private static GpuWork Copy(GpuItem item, Device device) {
        Tensor from = Tensor.Full([item.Count], 1.5f, device).Persist(), to = Tensor.Full([item.Count], 0, device).Persist();
        return new(() => device.Copy(from, to), show => {
            device.Copy(from, to);
            using Tensor part = Op.Slice(to, 0, item.Count - 16, item.Count);
            show("y", part);
        });
    }

    private static GpuWork Conv(GpuItem item, Device device, Tensor x) {
        Tensor weight = GpuDraw.Tensor(device, 2, -0.05f, 0.05f, item.K, item.Size, item.Size, item.C);
        Tensor Run(Tensor[] t) => Op.Conv2d(t[0], t[1], stride: item.Stride, padding: item.Size / 2);
        if (item.Part.Length == 0) return Forward(Run, x, weight);
        Tensor leaf = item.Part == "dx" ? x : weight;
        leaf.RequiresGrad = true;
        return Gradient(Run([x, weight]).Persist(), [leaf]);
    }

    private static GpuWork Loss(GpuItem item, Device device, Func<int, float, float, Tensor> table) {
        if (item.Part == "softmax-kl") {
            // Rows of 17 bins for each of four sides.
            Tensor Bins(int seed) => GpuDraw.Tensor(device, seed, -4, 4, 4 * item.N, item.C / 4);
            return Either(item, t => Op.SoftmaxKl(t[0], t[1], 10), 1, Bins(1), Bins(2));
        }
        Tensor pred = table(1, -6, 2), score = GpuDraw.Tensor(device, 3, 0, 1, item.N);
        Tensor label = Tensor.From(GpuDraw.Labels(2, item.N, item.C), [item.N], device).Persist();
        return Either(item, t => item.Part switch {
            "focal" => Op.SigmoidFocalLoss(t[0], label),
            "varifocal" => Op.VarifocalLoss(t[0], label, score),
            _ => Op.QualityFocalLoss(t[0], label, score),
        }, 1, pred);
    }

    private static GpuWork Optimizer(GpuItem item, Device device) {
        (string Name, Tensor Value)[] parameters = [.. Enumerable.Range(0, item.Count).Select(i => {
            Tensor p = GpuDraw.Tensor(device, 2 * i + 1, -1, 1, item.N);
            (p.RequiresGrad, p.Grad) = (true, GpuDraw.Tensor(device, 2 * i + 2, -1, 1, item.N));
            return ($"p.{i}", p);
        })];
        Optimizer optimizer = item.Kind == "sgd" ? new Sgd(parameters, 0.9f, 1e-4f) : new Adam(parameters, weightDecay: 1e-4f);
        return new(() => optimizer.Step(0.01f), show => {
            optimizer.Step(0.01f);
            show("p.0", parameters[0].Value);
        }) { Repeats = false };
    }
}
