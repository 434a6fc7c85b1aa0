using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A lane's results of a row: four times four, eight columns apart.</summary>
internal static class TensorRow {
    public static void Store<TTile>(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added,
        TileEnding ending, TileOutput to, int part, int batch, int row, int column, Float4 a, Float4 b, Float4 c, Float4 d)
        where TTile : struct, ITensorTile {
        if (row >= to.Rows || column >= to.Columns) return;
        int at = to.Place(part, batch, row, column), channel = batch * to.Columns + column;
        Four<TTile>(y, shift, scale, added, ending, to, channel, at, to.Columns - column, a);
        Four<TTile>(y, shift, scale, added, ending, to, channel + 8, at + 8, to.Columns - column - 8, b);
        Four<TTile>(y, shift, scale, added, ending, to, channel + 16, at + 16, to.Columns - column - 16, c);
        Four<TTile>(y, shift, scale, added, ending, to, channel + 24, at + 24, to.Columns - column - 24, d);
    }

    private static void Four<TTile>(ArrayView<float> y, ArrayView<float> shift, ArrayView<float> scale, ArrayView<float> added,
        TileEnding ending, TileOutput to, int channel, int at, int count, Float4 sums) where TTile : struct, ITensorTile {
        if (count <= 0) return;
        if (TTile.OnlyFours) {
            ending.ApplyFour(ref sums, shift, scale, added, channel, at);
            y.Cast<Float4>()[at >> 2] = sums;
            return;
        }
        ending.Apply(ref sums, shift, scale, added, channel, at, count, to.Vectors);
        sums.Store(y, at, count, to.Vectors);
    }
}
