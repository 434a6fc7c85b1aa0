namespace DenseEngine.Benchmarks;

/// <summary>Rows of operations: forward as in inference, and the walk back alone. Their bytes are those of all that goes in and comes
/// out; on the way back what was saved goes in.</summary>
internal static class Rows {
    /// <summary>An operation without a gradient.</summary>
    public static Workload Forward(string name, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        Forward(name, 0, operation, inputs);

    /// <summary>The same with its operations counted, and those of a better way than the plain one, if there is one.</summary>
    public static Workload Forward(string name, Count count, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        new(name + " forward", work => {
            Tensor[] drawn = Make(inputs);
            using (var noGrad = new NoGrad())
            using (Tensor y = operation(drawn)) work.Bytes = Bytes([.. drawn, y]);
            return () => {
                using var scope = new TensorScope();
                using var noGrad = new NoGrad();
                operation(drawn);
            };
        }) { Operations = count.Plain, NeededOperations = count.Needed };

    /// <summary>The gradients of some inputs from that of the output.</summary>
    public static Workload Gradient(string name, int[] of, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        Gradient(name + " gradient", 0, of, operation, inputs);

    /// <summary>The same with its operations counted; the name is as it stands.</summary>
    public static Workload Gradient(string name, Count count, int[] of, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        new(name, work => {
            Tensor[] drawn = Make(inputs), leaves = [.. of.Select(i => drawn[i])];
            foreach (Tensor leaf in leaves) leaf.RequiresGrad = true;
            Tensor y = operation(drawn), dy = Tensor.Full(y.Shape, 0.3f);
            work.Bytes = Bytes([dy, .. leaves]) + y.Node!.SavedBytes;
            return () => {
                y.Backward(dy, keepGraph: true);
                foreach (Tensor leaf in leaves) {
                    leaf.Grad!.Dispose();
                    leaf.Grad = null;
                }
            };
        }) { Operations = count.Plain, NeededOperations = count.Needed };

    /// <summary>Forward, and the gradients of all inputs.</summary>
    public static Workload[] Both(string name, Func<Tensor[], Tensor> operation, params Draw[] inputs) =>
        [Forward(name, operation, inputs), Gradient(name, [.. Enumerable.Range(0, inputs.Length)], operation, inputs)];

    /// <summary>An operation whose work no bytes describe.</summary>
    public static Workload Uncounted(string name, Func<Tensor[], Tensor> operation, params Draw[] inputs) => new(name, _ => {
        Tensor[] drawn = Make(inputs);
        return () => {
            using var scope = new TensorScope();
            using var noGrad = new NoGrad();
            operation(drawn);
        };
    });

    private static Tensor[] Make(Draw[] inputs) => [.. inputs.Select((draw, i) => draw(i + 1))];

    private static double Bytes(ReadOnlySpan<Tensor> tensors) {
        double bytes = 0;
        foreach (Tensor tensor in tensors) bytes += 4.0 * tensor.Count;
        return bytes;
    }
}

/// <summary>Operations of the plain way, and those needed at least.</summary>
internal readonly record struct Count(double Plain, double Needed) {
    public static implicit operator Count(double both) => new(both, both);
}
