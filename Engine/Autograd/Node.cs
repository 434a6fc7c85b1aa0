namespace DenseEngine;

/// <summary>A recorded operation: what it saved, and where its inputs' gradients go. It is held by its output and by the nodes that
/// consume that; when the last of them goes, so does what it saved.</summary>
internal sealed class Node {
    private static long recorded;

    private readonly Saved saved;
    private readonly Gradient gradient;
    private int references = 1;
    private int freed;

    public Node(Shape output, ReadOnlySpan<Tensor?> inputs, ReadOnlySpan<Tensor> saved, Gradient gradient) {
        Sequence = Interlocked.Increment(ref recorded);
        Output = output;
        Inputs = new Edge[inputs.Length];
        for (int i = 0; i < inputs.Length; i++) {
            if (inputs[i] is not { RequiresGrad: true } input) continue;
            input.Node?.Hold();
            Inputs[i] = new Edge(input.Node, input.Node is null ? input : null, input.Shape);
        }
        this.saved = new Saved(inputs, saved);
        this.gradient = gradient;
    }

    /// <summary>Where an input's gradient goes: to the node that made it, or to a leaf; to neither where none is wanted.</summary>
    public readonly record struct Edge(Node? Node, Tensor? Leaf, Shape Shape);

    /// <summary>Later nodes have larger numbers: the order of the walk, and so of every sum.</summary>
    public long Sequence { get; }

    public Shape Output { get; }

    public Edge[] Inputs { get; }

    /// <summary>Bytes of what the gradient reads, here and in the nodes behind.</summary>
    public long SavedBytes => saved.Bytes + Inputs.Sum(edge => edge.Node?.SavedBytes ?? 0);

    public bool IsFreed => Volatile.Read(ref freed) != 0;

    public Tensor?[] Differentiate(Tensor dy, bool last) {
        saved.IsLast = last;
        return gradient(dy, saved);
    }

    /// <summary>One holder more.</summary>
    public void Hold() => Interlocked.Increment(ref references);

    /// <summary>One holder fewer.</summary>
    public void Release() {
        if (Interlocked.Decrement(ref references) == 0) Free();
    }

    /// <summary>Lets go of what was saved, and of the nodes behind, however long their chain.</summary>
    public void Free() {
        var pending = new Stack<Node>();
        pending.Push(this);
        while (pending.TryPop(out Node? node)) {
            if (Interlocked.Exchange(ref node.freed, 1) != 0) continue;
            node.saved.Release();
            foreach (Edge edge in node.Inputs)
                if (edge.Node is { } input && Interlocked.Decrement(ref input.references) == 0) pending.Push(input);
        }
    }
}
