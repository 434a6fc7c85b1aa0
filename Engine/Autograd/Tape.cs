namespace DenseEngine;

/// <summary>Records operations and walks them back.</summary>
public static class Tape {
    /// <summary>Whether a gradient of any of the inputs would be recorded now; absent (null) inputs count as not wanted.</summary>
    public static bool Wants(params ReadOnlySpan<Tensor?> inputs) {
        if (!NoGrad.IsRecording) return false;
        foreach (Tensor? input in inputs)
            if (input is { RequiresGrad: true }) return true;
        return false;
    }

    /// <summary>Notes how an output came from its inputs, if a gradient is wanted; otherwise does nothing and saves nothing.</summary>
    /// <param name="y">The output, just made.</param>
    /// <param name="inputs">The inputs in the order in which <paramref name="gradient"/> gives their gradients.</param>
    /// <param name="saved">What the gradient reads: inputs, the output, or values made by the way.</param>
    /// <param name="gradient">From the gradient of the output to those of the inputs.</param>
    /// <returns><paramref name="y"/>.</returns>
    public static Tensor Record(Tensor y, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor> saved, Gradient gradient) {
        if (!Wants(inputs)) return y;
        y.Node = new Node(y.Shape, inputs, saved, gradient);
        y.RequiresGrad = true;
        return y;
    }

    internal static void Walk(Tensor root, Tensor seed, bool keepGraph) {
        using var noGrad = new NoGrad();
        if (root.Node is null) {
            AddToLeaf(root, seed);
            return;
        }
        var pending = new Dictionary<Node, Tensor> { [root.Node] = seed.Detach().Persist() };
        List<Node> nodes = Reachable(root.Node);
        // A node whose output was freed lives by its consumers alone, and they are freed before it is visited.
        foreach (Node node in nodes) node.Hold();
        try {
            foreach (Node node in nodes) {
                if (!pending.Remove(node, out Tensor? dy)) continue;   // every path to it ended in a null gradient
                using (dy) Step(node, dy, pending, last: !keepGraph);
                if (!keepGraph) node.Free();
            }
        } finally {
            foreach (Node node in nodes) node.Release();
            foreach (Tensor left in pending.Values) left.Dispose();
        }
    }

    /// <summary>The nodes behind one, latest first.</summary>
    private static List<Node> Reachable(Node root) {
        var seen = new HashSet<Node> { root };
        var open = new Stack<Node>([root]);
        while (open.TryPop(out Node? node)) {
            if (node.IsFreed)
                throw new GraphException("Backward: this graph was walked before, and what it had saved is freed; pass keepGraph: true "
                    + "to the first walk to walk again.");
            foreach (Node.Edge edge in node.Inputs)
                if (edge.Node is { } input && seen.Add(input)) open.Push(input);
        }
        return [.. seen.OrderByDescending(node => node.Sequence)];
    }

    private static void Step(Node node, Tensor dy, Dictionary<Node, Tensor> pending, bool last) {
        using var scope = new TensorScope();
        Tensor?[] gradients = node.Differentiate(dy, last);
        for (int i = 0; i < node.Inputs.Length; i++) {
            Node.Edge edge = node.Inputs[i];
            if (gradients[i] is not { } dx || (edge.Node is null && edge.Leaf is null)) continue;
            Check.Shape("Backward", $"gradient {i} of a recorded operation", dx, edge.Shape);
            if (edge.Leaf is { } leaf) AddToLeaf(leaf, dx);
            else pending[edge.Node!] = pending.TryGetValue(edge.Node!, out Tensor? sum) ? Add(sum, dx) : dx.Detach().Persist();
        }
    }

    private static void AddToLeaf(Tensor leaf, Tensor dx) {
        if (leaf.IsDisposed) throw new GraphException($"Backward: the leaf {leaf} was freed before its gradient reached it.");
        leaf.Grad = leaf.Grad is { } sum ? Add(sum, dx) : Own(dx);
    }

    /// <summary>The sum in the memory of the first, if nobody else sees that; otherwise in new memory.</summary>
    private static Tensor Add(Tensor sum, Tensor dx) {
        Tensor target = sum;
        if (!sum.Storage.IsExclusive) {
            target = Copy(sum);
            sum.Dispose();
        }
        target.Device.AddInto(dx, target);
        target.MarkChanged();
        return target;
    }

    private static Tensor Own(Tensor dx) {
        if (dx.Storage.IsExclusive && dx.Scope is not null) return dx.Persist();
        return Copy(dx);
    }

    private static Tensor Copy(Tensor source) {
        Tensor copy = new Tensor(source.Device, source.Shape).Persist();
        source.Device.Copy(source, copy);
        return copy;
    }
}
