namespace DenseEngine;

/// <summary>Contents of a storage that are made when somebody needs them, and then stay. What is derived from them gets a loan: contents
/// that are freed again, so that weights which are only ever used packed are never held in two forms.</summary>
/// <param name="device">Where they will be.</param>
/// <param name="shape">Their shape.</param>
/// <param name="fill">Fills a new tensor with them; may be called more than once, and by several threads.</param>
internal sealed class LaterContents(HostDevice device, Shape shape, Action<Tensor> fill) {
    [ThreadStatic]
    private static Loan? loans;

    private readonly Lock gate = new();
    private Tensor? made;
    private bool freed;

    /// <summary>The address of the elements.</summary>
    public nint Block {
        get {
            if (Volatile.Read(ref made) is { } there) return there.Storage.Block;
            for (Loan? loan = loans; loan is not null; loan = loan.Outer)
                if (loan.Of == this) return loan.Contents.Storage.Block;
            lock (gate) {
                if (made is null) {
                    using var lasting = new LastingMemory();
                    Tensor contents = Make();
                    if (freed) contents.Dispose();
                    Volatile.Write(ref made, contents);
                }
                return made.Storage.Block;
            }
        }
    }

    /// <summary>Until it is disposed, this thread sees contents that are made for it alone, unless there are some to stay. Null if there
    /// are.</summary>
    public Loan? Lend() => Volatile.Read(ref made) is null ? new Loan(this) : null;

    /// <summary>Frees what was made.</summary>
    public void Free() {
        lock (gate) {
            freed = true;
            made?.Dispose();
        }
    }

    private Tensor Make() {
        Tensor contents = new Tensor(device, shape).Persist();
        try {
            using var noGrad = new NoGrad();
            fill(contents);
            return contents;
        } catch {
            contents.Dispose();
            throw;
        }
    }

    /// <summary>Contents for one thread and a while.</summary>
    public sealed class Loan : IDisposable {
        public Loan(LaterContents of) {
            (Of, Outer) = (of, loans);
            Contents = of.Make();
            loans = this;
        }

        public LaterContents Of { get; }

        public Loan? Outer { get; }

        public Tensor Contents { get; }

        public void Dispose() {
            loans = Outer;
            Contents.Dispose();
        }
    }
}
