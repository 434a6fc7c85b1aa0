namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Copies a box of elements, of either type, from one tensor to another.</summary>
    private static void CopyBox(Tensor to, Tensor from, BoxGeometry box) {
        if (box.Count > 0) Run(to.Device, (to, from, box), static (host, a) => CopyBoxHost(host, a.to, a.from, a.box),
            static (gpu, a) => CopyBoxGpu(gpu, a.to, a.from, a.box));
    }

    private static unsafe void CopyBoxHost(HostDevice host, Tensor to, Tensor from, BoxGeometry box) {
        int* target = (int*)RawPointer(to), source = (int*)RawPointer(from);
        host.Workers.ForRange(box.Runs, Math.Max(1, ElementwiseGrain / box.Run), new BoxRuns(target, source, box));
    }

    private readonly unsafe struct BoxRuns(int* target, int* source, BoxGeometry box) : IRangeBody {
        public void Run(int first, int end) {
            for (int run = first; run < end; run++) {
                (int at, int place) = box.Start(run);
                if (box.KeepsNeighbours) new Span<int>(source + at, box.Run).CopyTo(new Span<int>(target + place, box.Run));
                else for (int i = 0; i < box.Run; i++) target[place + i * box.ToStep] = source[at + i * box.FromStep];
            }
        }
    }

    /// <summary>The address of the first element, whatever its type: for what only moves elements.</summary>
    private static unsafe void* RawPointer(Tensor x) => x.DType == DType.Float32 ? x.Pointer : x.IntPointer;
}
