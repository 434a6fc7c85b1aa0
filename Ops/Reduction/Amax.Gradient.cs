namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>The gradient of <see cref="Amax"/> and <see cref="Amin"/>:
    /// an output's is shared evenly among its elements equal to it.</summary>
    private static Tensor ShareAmongTies(Tensor dy, Tensor x, Tensor y, ReductionGeometry geometry) {
        var dx = new Tensor(x.Device, x.Shape);
        Run(x.Device, host => ShareAmongTiesHost(host, dx, dy, x, y, geometry), gpu => ShareAmongTiesGpu(gpu, dx, dy, x, y, geometry));
        return dx;
    }

    private static unsafe void ShareAmongTiesHost(HostDevice host, Tensor dx, Tensor dy, Tensor x, Tensor y, ReductionGeometry g) {
        float* to = dx.Pointer, slope = dy.Pointer, value = x.Pointer, extreme = y.Pointer;
        host.Workers.ForRange(g.KeptCount, Math.Max(1, (1 << 14) / g.ReducedCount), (first, end) => {
            for (int i = first; i < end; i++) {
                int start = g.KeptOffset(i), ties = 0;
                for (int j = 0; j < g.ReducedCount; j++)
                    if (value[start + g.ReducedOffset(j)].Equals(extreme[i])) ties++;
                float share = slope[i] / ties;
                for (int j = 0; j < g.ReducedCount; j++) {
                    int at = start + g.ReducedOffset(j);
                    to[at] = value[at].Equals(extreme[i]) ? share : 0;
                }
            }
        });
    }
}
