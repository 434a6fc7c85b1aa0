using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>A property's view of a step of training.</summary>
public sealed class CenterTraining {
    private readonly CenterOutput output;
    private readonly CenterProperty property;

    internal CenterTraining(CenterProperty property, CenterOutput output, CenterTargets targets) {
        (this.property, this.output, Targets) = (property, output, targets);
        Objects = [.. targets.Objects.Where(one => Given(one).Length > 0)];
    }

    /// <summary>The objects' places on the map.</summary>
    public CenterTargets Targets { get; }

    /// <summary>The objects of the batch of which the property is known.</summary>
    public IReadOnlyList<CenterObject> Objects { get; }

    /// <summary>What is known of an object, empty if nothing.</summary>
    public float[] Given(CenterObject one) =>
        Targets.Truths[one.Picture].Properties is { } known && known.TryGetValue(property.Name, out IReadOnlyList<float[]>? all)
            ? all[one.Number] : [];

    /// <summary>A map that was predicted [N,h,w,channels].</summary>
    public Tensor Map(string name) => output.Properties[name];

    /// <summary>What a map holds at the objects' centres [objects, channels], in their order.</summary>
    public Tensor AtObjects(string name) => AtCells(name, [.. Objects.Select(one => (one.Picture, one.Row, one.Column))]);

    /// <summary>What a map holds in some cells [cells, channels].</summary>
    public Tensor AtCells(string name, IReadOnlyList<(int Picture, int Row, int Column)> cells) {
        Tensor map = Map(name);
        int[] rows = [.. cells.Select(cell => (cell.Picture * Targets.Height + cell.Row) * Targets.Width + cell.Column)];
        return Op.IndexSelect(Op.Reshape(map, map.Count / map.Shape[3], map.Shape[3]), Tensor.From(rows, [rows.Length], map.Device), 0);
    }

    /// <summary>Numbers as a tensor beside the maps.</summary>
    public Tensor Place(float[] values, Shape shape) => Tensor.From(values, shape, output.Heat.Device);
}
