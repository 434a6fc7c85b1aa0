namespace DenseEngine.Ops;

/// <summary>Scratch memory from the device's pool for a loop on the workers: a slot for each item that can run at once.</summary>
internal sealed unsafe class ScratchSlots : IDisposable {
    private readonly Tensor memory;
    private readonly float* first;
    private readonly int length;
    private readonly int[] taken;

    /// <summary>Slots for a loop over <paramref name="items"/>, each of <paramref name="length"/> numbers.</summary>
    public ScratchSlots(HostDevice host, int items, int length) {
        this.length = Gemm.Align(length);
        taken = new int[Math.Min(items, host.Workers.Count)];
        memory = new Tensor(host, [checked(this.length * taken.Length)]);
        first = memory.Pointer;
    }

    /// <summary>Takes a free slot; there is one, as no more items run at once than slots exist.</summary>
    public int Take(out float* slot) {
        for (int i = 0; ; i = (i + 1) % taken.Length) {
            if (Interlocked.CompareExchange(ref taken[i], 1, 0) != 0) continue;
            slot = first + (nint)i * length;
            return i;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Return(int slot) => Volatile.Write(ref taken[slot], 0);

    public void Dispose() => memory.Dispose();
}
