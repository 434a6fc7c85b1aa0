using DenseEngine.Ops;

namespace DenseEngine.Benchmarks;

/// <summary>Dense matrix products: square, long, narrow, single lines, batches; every way round.</summary>
public class ProductBenchmarks : WorkloadBenchmarks {
    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        .. ((int[])[64, 256, 1024, 2048]).SelectMany(size => Ways(size, size, size)),
        .. Ways(16800, 64, 256), .. Ways(256, 16800, 64), .. Ways(576, 64, 67200), .. Ways(22400, 4, 17), .. Ways(1, 1000, 2048),
        .. Ways(4096, 1, 4096),
        Rows.Forward("MatMul 32 x 196x64x196", 32 * 2.0 * 196 * 64 * 196, t => Op.MatMul(t[0], t[1]), Draws.Map(32, 196, 64),
            Draws.Map(32, 64, 196)),
        .. Linear(8, 2048, 1000), .. Linear(1024, 256, 256),
    ];

    /// <summary>Rows, columns and inner size, with each side transposed or not.</summary>
    private static IEnumerable<Workload> Ways(int rows, int columns, int inner) =>
        from a in (bool[])[false, true]
        from b in (bool[])[false, true]
        select Rows.Forward($"MatMul {rows}x{inner}{(a ? "ᵀ" : "")} {inner}x{columns}{(b ? "ᵀ" : "")}", 2.0 * rows * columns * inner,
            t => Op.MatMul(t[0], t[1], a, b), a ? Draws.Map(inner, rows) : Draws.Map(rows, inner),
            b ? Draws.Map(columns, inner) : Draws.Map(inner, columns));

    private static Workload[] Linear(int rows, int inputs, int outputs) {
        Draw[] drawn = [Draws.Map(rows, inputs), Draws.Map(outputs, inputs), Draws.Map(outputs)];
        string name = $"Linear {rows}x{inputs} to {outputs}";
        double operations = 2.0 * rows * inputs * outputs;
        return [Rows.Forward(name, operations, t => Op.Linear(t[0], t[1], t[2]), drawn),
            Rows.Gradient(name + " gradient", 2 * operations, [0, 1, 2], t => Op.Linear(t[0], t[1], t[2]), drawn)];
    }
}
