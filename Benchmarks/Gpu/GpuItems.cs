namespace DenseEngine.Benchmarks;

/// <summary>What a run on a GPU times, the most telling first: a run that is over its time leaves out the rest. Maps are those of
/// GFL-R50 at 800 by 1344 in batches of 8; they and the tables of losses are several times as large as a second-level cache.</summary>
internal static class GpuItems {
    private const double Copy = 0.85;
    private static readonly string[] Precisions = ["float32", "tf32", "bf16"], ConvParts = ["", "dx", "dW"],
        ClassLosses = ["focal", "varifocal", "quality"], CornerSides = ["bottom", "right"];

    /// <summary>All items; small ones have few elements, to see that all of it runs.</summary>
    public static IReadOnlyList<GpuItem> All(bool small) {
        int n = small ? 2 : 8, h = small ? 10 : 100, w = small ? 12 : 168, c = small ? 32 : 256;
        int rows = small ? 300 : 716_800, side = small ? 64 : 4096, copied = small ? 1 << 16 : 1 << 28;
        double map = 4.0 * n * h * w * c, table = 4.0 * rows * 80, bins = 4.0 * rows * 68;
        GpuItem Map(string name, string kind, double maps, string part = "") =>
            new(name, kind) { N = n, H = h, W = w, C = c, Part = part, Bytes = maps * map, AskedShare = Copy };
        GpuItem Table(string name, string kind, string part, double bytes, int columns = 80) =>
            new(name, kind) { N = rows, C = columns, Part = part, Bytes = bytes, AskedShare = Copy };
        return [
            new("copy", "copy") { Count = copied, Bytes = 8.0 * copied },
            Product(side, "float32") with { AskedRatio = 0.75 }, Product(side, "tf32"), Product(side, "bf16"),
            .. from precision in Precisions
               from part in ConvParts
               select Conv(n, h, w, c, c, 3, precision, part) with { AskedRatio = precision == "tf32" ? 0.5 : 0 },
            Network("gfl_r50 forward", "gfl-forward", "tf32", small) with { AskedRatio = 1 },
            Network("gfl_r50 training step", "gfl-train", "tf32", small) with { AskedRatio = 1 },
            Network("gfl_r50 forward", "gfl-forward", "float32", small),
            Network("gfl_r50 training step", "gfl-train", "float32", small), Network("gfl_r50 forward", "gfl-forward", "bf16", small),
            Map("relu", "relu", 2), Map("relu gradient", "relu-gradient", 3), Map("add", "add", 3),
            Map("batch norm, training", "batchnorm", 3), Map("batch norm gradient", "batchnorm-gradient", 5),
            Map("group norm, relu", "groupnorm", 3), Map("group norm gradient", "groupnorm-gradient", 5),
            Table("softmax", "softmax", "", 2 * table), Table("softmax gradient", "softmax-gradient", "", 3 * table),
            Table("softmax KL", "loss", "softmax-kl", 2 * bins, 68),
            Table("softmax KL gradient", "loss-gradient", "softmax-kl", 3 * bins, 68),
            .. ClassLosses.SelectMany(loss => (GpuItem[])[
                Table(loss + " loss", "loss", loss, table), Table(loss + " loss gradient", "loss-gradient", loss, 2 * table)]),
            Pool("max pool 3x3 /2", "maxpool", n, 4 * h, 4 * w, c / 4, 1.25),
            Pool("max pool 3x3 /2 gradient", "maxpool-gradient", n, 4 * h, 4 * w, c / 4, 1.5),
            Map("sum of all", "sum", 1), Map("mean over pixels", "mean", 1), Table("largest of 80", "amax", "", table),
            Optimizer("SGD step", "sgd", small, 5), Optimizer("Adam step", "adam", small, 7),
            Deform(n, h, w, c, ""), Deform(n, h, w, c, "gradient"), Deform(n, h, w, c, "") with { Precision = "tf32" },
            .. CornerSides.Select(part => Corner(n, small ? 16 : 128, c, "cornerpool", part, 2)),
            Corner(n, small ? 16 : 128, c, "cornerpool-gradient", "bottom", 2.03),
            new(small ? "NMS of 200" : "NMS of 20000", "nms") { Count = small ? 200 : 20_000, AskedRatio = 1 },
            Conv(n, 2 * h, 2 * w, c, c / 4, 1, "float32"), Conv(n, 2 * h, 2 * w, c / 4, c, 1, "float32"),
            Conv(n, 2 * h, 2 * w, c, c / 4, 1, "tf32"), Conv(n, 2 * h, 2 * w, c / 4, c, 1, "tf32"),
            Conv(n, 2 * h, 2 * w, c / 4, c / 4, 3, "tf32"), Conv(n, (h + 3) / 4, (w + 3) / 4, 2 * c, 2 * c, 3, "tf32"),
            Conv(n, 2 * h, 2 * w, c / 2, c / 2, 3, "tf32") with { Stride = 2, Operations = 2.0 * n * h * w * c * c / 4 * 9 },
        ];
    }

    /// <summary>Products and convolutions whose sizes differ most, for the tables of tiles.</summary>
    public static IEnumerable<GpuItem> Shapes(bool small) {
        int n = small ? 1 : 8, scale = small ? 8 : 1;
        IEnumerable<int> sides = small ? [64] : [512, 1024, 2048, 4096];
        return [
            .. sides.Select(side => Product(side, "float32")),
            .. from part in ConvParts
               from size in (int[])[100, 50, 25, 13]
               select Conv(n, size / scale + 1, size * 5 / 3 / scale + 1, 256 / scale, 256 / scale, 3, "float32", part),
            .. from part in ConvParts
               from pair in (int[][])[[200, 256, 64], [200, 64, 256], [100, 512, 128], [50, 1024, 256], [25, 2048, 512]]
               select Conv(n, pair[0] / scale, pair[0] * 5 / 3 / scale, pair[1] / scale, pair[2] / scale, 1, "float32", part),
            Conv(1, 100 / scale, 168 / scale, 256 / scale, 256 / scale, 3, "float32"),
            Conv(1, 25 / scale, 42 / scale, 256 / scale, 256 / scale, 3, "float32"),
        ];
    }

    private static GpuItem Product(int side, string precision) =>
        new($"product {side}", "matmul") {
            N = side,
            Precision = precision,
            Operations = 2.0 * side * side * side,
            Bytes = 12.0 * side * side,
        };

    private static GpuItem Conv(int n, int h, int w, int c, int k, int size, string precision, string part = "") =>
        new($"conv {size}x{size} {c}-{k} {n}x{h}x{w}{(part.Length > 0 ? " " + part : "")}", "conv") {
            N = n,
            H = h,
            W = w,
            C = c,
            K = k,
            Size = size,
            Precision = precision,
            Part = part,
            Operations = 2.0 * n * h * w * c * k * size * size,
            Bytes = 4.0 * n * h * w * (c + k) + 4.0 * c * k * size * size,
        };

    /// <summary>Bytes are those of what comes and goes; the gathered columns are the algorithm's own.</summary>
    private static GpuItem Deform(int n, int h, int w, int c, string part) =>
        new("DCN 3x3" + (part.Length > 0 ? " gradients" : ""), part.Length > 0 ? "dcn-gradient" : "dcn") {
            N = n,
            H = h,
            W = w,
            C = c,
            Operations = (part.Length > 0 ? 4.0 : 2.0) * n * h * w * c * c * 9,
            Bytes = 4.0 * n * h * w * (2 * c + 27),
            AskedRatio = 3,
        };

    private static GpuItem Pool(string name, string kind, int n, int h, int w, int c, double maps) =>
        new(name, kind) { N = n, H = h, W = w, C = c, Bytes = maps * 4.0 * n * h * w * c, AskedShare = Copy };

    private static GpuItem Corner(int n, int side, int c, string kind, string part, double maps) =>
        new($"corner pool {part}{(kind.EndsWith("gradient", StringComparison.Ordinal) ? " gradient" : "")}", kind) {
            N = n,
            H = side,
            W = side,
            C = c,
            Part = part,
            Bytes = maps * 4.0 * n * side * side * c,
            AskedRatio = 5,
        };

    private static GpuItem Optimizer(string name, string kind, bool small, double passes) {
        int each = small ? 1000 : 1 << 19;
        return new($"{name}, 64 of {each}", kind) { Count = 64, N = each, Bytes = passes * 4.0 * 64 * each, AskedShare = Copy };
    }

    private static GpuItem Network(string name, string kind, string precision, bool small) => new(name, kind) {
        N = small ? 1 : 8,
        H = small ? 64 : 800,
        W = small ? 96 : 1344,
        Precision = precision,
    };
}
