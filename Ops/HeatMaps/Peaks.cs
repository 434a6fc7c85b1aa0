using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>The highest local maxima of pictures' heat maps, k of each picture, best first.</summary>
/// <param name="Rows">[N·k, 6]: x and y in cells, the cell's column and row, value, class.</param>
/// <param name="Scores">[N·k]: the values.</param>
/// <param name="Labels">Int32 [N·k]: the classes.</param>
/// <param name="Cells">Int32 [N·k]: the cells, counted through all pictures.</param>
public sealed record HeatPeaks(Tensor Rows, Tensor Scores, Tensor Labels, Tensor Cells) {
    /// <summary>What another map [N,H,W,E] holds in the peaks' cells: [N·k, E]. No gradient.</summary>
    public Tensor At(Tensor map) {
        int channels = map.Shape[3];
        return Op.IndexSelect(Op.Reshape(map.Detach(), map.Count / channels, channels), Cells, 0);
    }
}

public static partial class Op {
    /// <summary>Numbers of a peak's row.</summary>
    private const int PeakFields = 6;

    /// <summary>The highest local maxima of heat maps over all classes together, best first, of equal ones the first; where there are
    /// fewer than k, places of value 0 follow. No gradient.</summary>
    /// <param name="heat">[N,H,W,C], with at least one cell.</param>
    /// <param name="k">How many of each picture; all entries of a picture if it has fewer.</param>
    /// <param name="size">The window in which a maximum is the largest: see <see cref="LocalMaxima"/>.</param>
    /// <param name="offsets">[N,H,W,2]: how far a peak lies to the right of its cell and below it, in cells; null for nothing.</param>
    /// <exception cref="ShapeException">Shapes differ from these, or k is negative.</exception>
    public static HeatPeaks Peaks(Tensor heat, int k, int size = 3, Tensor? offsets = null) {
        const string name = nameof(Peaks);
        Check.Type(name, "heat", Check.Rank(name, "heat", heat, 4), DType.Float32);
        Check.That(k >= 0 && heat.Count > 0, $"{name}: {k} peaks of a map of shape {heat.Shape}; it needs cells, and 0 or more.");
        (int pictures, int height, int width, int classes) = (heat.Shape[0], heat.Shape[1], heat.Shape[2], heat.Shape[3]);
        if (offsets is not null) Check.Shape(name, "offsets", offsets, [pictures, height, width, 2]);
        Device device = Check.SameDevice(name, [heat, offsets]);
        int cells = height * width, most = Math.Min(k, cells * classes);
        Tensor maxima = LocalMaxima(heat, size);
        (Tensor scores, Tensor entries) = TopK(Reshape(maxima, pictures, cells * classes), most);
        maxima.Dispose();
        Shape shape = [pictures * most];
        var found = new HeatPeaks(new Tensor(device, [shape.Count, PeakFields]), Reshape(scores, shape.Count),
            new Tensor(device, shape, DType.Int32), new Tensor(device, shape, DType.Int32));
        var map = new PeakGeometry(most, classes, width, cells);
        if (shape.Count > 0) Run(device, _ => {
            for (int i = 0; i < found.Cells.Count; i++) {
                (int cell, int label) = map.Place(i, entries.IntSpan[i]);
                (found.Cells.IntSpan[i], found.Labels.IntSpan[i]) = (cell, label);
                (float x, float y) = offsets is null ? (0, 0) : (offsets.Span[2 * cell], offsets.Span[2 * cell + 1]);
                (int row, int column) = Math.DivRem(cell % cells, width);
                Span<float> to = found.Rows.Span.Slice(i * PeakFields, PeakFields);
                (to[0], to[1], to[2], to[3], to[4], to[5]) = (column + x, row + y, column, row, scores.Span[i], label);
            }
        }, gpu => gpu.Kernel(PeaksKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<int>, ArrayView<int>,
            ArrayView<float>, ArrayView<int>, ArrayView<float>, PeakGeometry>(PeaksKernel))
            (shape.Count, gpu.Floats(found.Rows), gpu.Integers(found.Labels), gpu.Integers(found.Cells), gpu.Floats(scores),
            gpu.Integers(entries), offsets is null ? default : gpu.Floats(offsets), map));
        return found;
    }

    /// <summary>One peak a thread.</summary>
    internal static void PeaksKernel(Index1D i, ArrayView<float> rows, ArrayView<int> labels, ArrayView<int> cells,
        ArrayView<float> scores, ArrayView<int> entries, ArrayView<float> offsets, PeakGeometry map) {
        (int cell, int label) = map.Place(i, entries[i]);
        int within = cell % map.Cells, row = within / map.Width, column = within - row * map.Width, to = i * PeakFields;
        cells[i] = cell;
        labels[i] = label;
        float x = 0, y = 0;
        if (offsets.IntLength > 0) {
            x = offsets[2 * cell];
            y = offsets[2 * cell + 1];
        }
        rows[to] = column + x;
        rows[to + 1] = row + y;
        rows[to + 2] = column;
        rows[to + 3] = row;
        rows[to + 4] = scores[i];
        rows[to + 5] = label;
    }

    /// <summary>Where the best entries of heat maps lie.</summary>
    /// <param name="PerPicture">Peaks of a picture.</param>
    /// <param name="Classes">Classes of a cell.</param>
    /// <param name="Width">Cells of a row.</param>
    /// <param name="Cells">Cells of a picture.</param>
    internal readonly record struct PeakGeometry(int PerPicture, int Classes, int Width, int Cells) {
        /// <summary>The cell, counted through all pictures, and the class of an entry of a peak's picture.</summary>
        public (int Cell, int Label) Place(int peak, int entry) {
            int cell = entry / Classes;
            return (peak / PerPicture * Cells + cell, entry - cell * Classes);
        }
    }
}
