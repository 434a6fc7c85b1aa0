namespace DenseEngine.Models;

/// <summary>The layers of ATSS, which DDOD has too: towers, class scores, boxes with a factor a level, and beside the boxes a quality that
/// scores are multiplied by.</summary>
internal sealed class AtssLayers {
    private readonly HeadTowers towers;
    private readonly Conv2d boxes, quality;

    /// <summary>Layers to be initialised or loaded.</summary>
    /// <param name="config">Their widths.</param>
    /// <param name="perCell">Anchors of a cell.</param>
    /// <param name="boxCodes">The numbers that code a box.</param>
    /// <param name="size">The side of the last convolutions' windows.</param>
    public AtssLayers(DenseConfig config, int perCell, int boxCodes, int size) {
        towers = new HeadTowers(config);
        Classes = Last(config.Classes.Count);
        boxes = Last(boxCodes);
        quality = Last(1);
        Conv2d Last(int outputs) => new(config.FeatChannels, perCell * outputs, size, padding: size / 2);
    }

    /// <summary>What gives class logits.</summary>
    public Conv2d Classes { get; }

    /// <summary>All by their state names.</summary>
    /// <param name="ofQuality">The quality's name.</param>
    public IEnumerable<(string Name, Module Module)> Children(string ofQuality) =>
        [.. towers.Children, ("atss_cls", Classes), ("atss_reg", boxes), (ofQuality, quality), ("scales", towers.Scales)];

    /// <summary>Class logits [N,h,w,A·C], the boxes' codes [N,h,w,A·J], and the quality's logits [N,h,w,A].</summary>
    public HeadOutput Forward(Tensor level, int index) {
        Tensor ofBox = towers.Box.Forward(level);
        return new HeadOutput(Classes.Forward(towers.Class.Forward(level)), towers.Scales[index].Forward(boxes.Forward(ofBox)),
            quality.Forward(ofBox));
    }
}
