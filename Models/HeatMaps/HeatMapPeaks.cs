using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The highest local maxima of each picture's heat maps, over all classes together, best first. Arrays are [N·k].</summary>
public sealed class HeatMapPeaks {
    private readonly int cells, width;
    private readonly int[] places;   // of each peak: the cell within its picture

    private HeatMapPeaks(Tensor heat, int count, float[] scores, int[] entries) {
        (Scores, Count, width, cells) = (scores, count, heat.Shape[2], heat.Shape[1] * heat.Shape[2]);
        int classes = heat.Shape[3];
        places = Array.ConvertAll(entries, entry => entry / classes);
        Labels = Array.ConvertAll(entries, entry => entry % classes);
    }

    /// <summary>k: how many there are for each picture.</summary>
    public int Count { get; }

    /// <summary>Their values.</summary>
    public float[] Scores { get; }

    /// <summary>Their classes.</summary>
    public int[] Labels { get; }

    /// <summary>Their rows.</summary>
    public int[] Rows => Array.ConvertAll(places, cell => cell / width);

    /// <summary>Their columns.</summary>
    public int[] Columns => Array.ConvertAll(places, cell => cell % width);

    /// <summary>Finds them; where there are fewer than k, places of value 0 follow.</summary>
    /// <param name="heat">Probabilities [N,H,W,C].</param>
    /// <param name="k">How many; all entries of a picture if it has fewer.</param>
    /// <param name="size">The window in which a maximum is the largest: see <see cref="Op.LocalMaxima"/>.</param>
    public static HeatMapPeaks Find(Tensor heat, int k, int size = 3) {
        using var scope = new TensorScope();
        Tensor maxima = Op.LocalMaxima(heat.Detach(), size);
        int entries = maxima.Count / Math.Max(1, heat.Shape[0]);
        (Tensor values, Tensor indices) = Op.TopK(Op.Reshape(maxima, heat.Shape[0], entries), Math.Min(k, entries));
        return new HeatMapPeaks(heat, Math.Min(k, entries), values.ToArray(), indices.ToIntArray());
    }

    /// <summary>What another map holds in the peaks' cells.</summary>
    /// <param name="map">[N,H,W,E].</param>
    /// <returns>[N·k·E].</returns>
    public float[] Read(Tensor map) {
        using var scope = new TensorScope();
        int channels = map.Shape[3];
        int[] rows = [.. places.Select((cell, i) => i / Count * cells + cell)];
        Tensor flat = Op.Reshape(map.Detach(), map.Count / channels, channels);
        return Op.IndexSelect(flat, Tensor.From(rows, [rows.Length], map.Device), 0).ToArray();
    }
}
