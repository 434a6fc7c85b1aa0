using DenseEngine.Training;

namespace DenseEngine.Benchmarks;

/// <summary>An optimiser's step, with a rate of zero, so that every step is the same work.</summary>
public class OptimizerBenchmarks : WorkloadBenchmarks {
    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table =>
        [Sgd(160, 200_000), Sgd(60, 15_000), Adam(160, 200_000), Clip(160, 200_000), Clip(60, 15_000)];

    private static Workload Sgd(int tensors, int size) => new($"Sgd {tensors} x {size}", work => {
        Tensor[] parameters = Parameters(tensors, size);
        var optimizer = new Sgd(parameters.Select((parameter, i) => ($"{i}", parameter)));
        work.Bytes = 20.0 * tensors * size;   // parameter, gradient and velocity read, parameter and velocity written
        return () => optimizer.Step(0);
    });

    private static Workload Adam(int tensors, int size) => new($"Adam {tensors} x {size}", work => {
        var optimizer = new Adam(Parameters(tensors, size).Select((parameter, i) => ($"{i}", parameter)));
        work.Bytes = 28.0 * tensors * size;   // parameter, gradient and two moments read, all but the gradient written
        return () => optimizer.Step(0);
    });

    private static Workload Clip(int tensors, int size) => new($"GradientClip {tensors} x {size}", work => {
        Tensor[] parameters = Parameters(tensors, size);
        work.Bytes = 4.0 * tensors * size;   // gradients read; they are short enough
        return () => GradientClip.Apply(parameters, 1e9f);
    });

    private static Tensor[] Parameters(int tensors, int size) => [.. Enumerable.Range(0, tensors).Select(i => {
        Tensor parameter = Draws.Map(size)(i);
        parameter.RequiresGrad = true;
        parameter.Grad = Draws.Map(size)(tensors + i);
        return parameter;
    })];
}
