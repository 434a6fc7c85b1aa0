using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The centres that heat maps show, where the maps are: what properties read there. Nothing waits for the device.</summary>
public sealed class CenterPeaks {
    private readonly CenterOutput output;
    private readonly CenterNetConfig config;
    private readonly HeatPeaks peaks;
    private readonly CellGrid[] grids;

    internal CenterPeaks(CenterOutput output, CenterNetConfig config, (int Height, int Width) input, IReadOnlyList<ImageInfo> images,
        bool rescale) {
        (this.output, this.config) = (output, config);
        peaks = Op.Peaks(output.Heat.Detach(), config.TopK, config.LocalMaximumKernel, output.Offsets);
        (float width, float height) = ((float)((double)input.Width / output.Heat.Shape[2]),
            (float)((double)input.Height / output.Heat.Shape[1]));
        grids = [.. images.Select(image => new CellGrid(width, height, image.Left, image.Top, rescale ? image.ScaleX : 1,
            rescale ? image.ScaleY : 1))];
    }

    /// <summary>A map that was predicted [N,h,w,channels].</summary>
    public Tensor Map(string name) => output.Properties[name].Detach();

    /// <summary>What a map holds at the centres [centres, channels], picture after picture.</summary>
    public Tensor AtCenters(Tensor map) => peaks.At(map);

    /// <summary>The highest local maxima of one channel of a heat map of logits, with the offsets that another map has there, as rows of
    /// <see cref="HeatPeaks"/>.</summary>
    public Tensor Maxima(string heat, int channel, string offset, int most) =>
        Op.Peaks(Op.Sigmoid(Op.Slice(Map(heat), 3, channel, channel + 1)), most, offsets: Map(offset)).Rows;

    /// <summary>The candidates of all pictures; and where there are properties, what they need.</summary>
    internal ViewCandidates View() {
        Tensor sizes = peaks.At(output.Sizes);
        int each = peaks.Scores.Count / grids.Length;
        var view = new ViewCandidates([.. grids.Select((grid, i) => {
            Tensor Own(Tensor all) => Op.Slice(all, 0, i * each, (i + 1) * each);
            return new BoxCandidates(Op.CenterBoxes(Own(peaks.Rows), Own(sizes), grid), Own(peaks.Scores), Own(peaks.Labels));
        })]);
        if (config.Properties.Count == 0) return view;
        Tensor[][] read = [[peaks.Rows, sizes], .. config.Properties.Select(property => property.Read(this).ToArray())];
        int[][] counts = Array.ConvertAll(read, some => Array.ConvertAll(some, tensor => tensor.Count));
        return view with {
            Further = FlatTensors.Join([.. read.SelectMany(some => some)]),
            Properties = values => Found(FlatTensors.Split(values, counts)),
        };
    }

    /// <summary>The properties of all centres, by what was read: rows and sizes, then what each property asked for.</summary>
    private Dictionary<string, float[]>[] Found(float[][][] read) {
        var found = new CenterFindings(read[0][0], read[0][1], grids);
        (string Name, IReadOnlyList<float[]> Values)[] all =
            [.. config.Properties.Select((property, i) => (property.Name, property.Decode(found, read[i + 1])))];
        return [.. found.Centers.Select((_, i) => all.ToDictionary(each => each.Name, each => each.Values[i]))];
    }
}
