namespace DenseEngine;

/// <summary>Frees, at its end, the tensors that this thread made inside it, unless they were kept. Scopes nest.</summary>
/// <example><code>using var scope = new TensorScope();
/// Tensor y = Op.Relu(Op.Conv2d(x, weight));   // the convolution's result is freed with the scope
/// return scope.Keep(y);</code></example>
public sealed class TensorScope : IDisposable {
    [ThreadStatic]
    private static TensorScope? current;

    /// <summary>Lists of scopes that were closed, for the next ones.</summary>
    [ThreadStatic]
    private static Stack<List<Tensor>>? spare;

    private readonly TensorScope? outer;
    private readonly List<Tensor> tensors;
    private bool closed;

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope() {
        outer = current;
        current = this;
        tensors = spare is not null && spare.TryPop(out List<Tensor>? list) ? list : [];
    }

    /// <summary>Hands a tensor to the scope around this one, or, if there is none, to the caller, who disposes it.</summary>
    public Tensor Keep(Tensor tensor) {
        if (tensor.Scope == this) {
            tensor.Scope = outer;
            outer?.tensors.Add(tensor);
        }
        return tensor;
    }

    /// <summary>Frees what was made inside and not kept.</summary>
    public void Dispose() {
        if (closed) return;
        closed = true;
        if (current == this) current = outer;
        foreach (Tensor tensor in tensors)
            if (tensor.Scope == this) tensor.Dispose();
        tensors.Clear();
        (spare ??= []).Push(tensors);
    }

    internal static void Register(Tensor tensor) {
        tensor.Scope = current;
        current?.tensors.Add(tensor);
    }
}
