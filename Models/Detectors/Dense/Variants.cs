namespace DenseEngine.Models;

/// <summary>What published configurations vary alike in every family of detectors on ResNet and FPN.</summary>
internal static class Variants {
    /// <summary>Blue, green and red of ImageNet weights of Caffe's style, as Detectron 2 has them.</summary>
    public static readonly float[] CaffeMean = [103.53f, 116.28f, 123.675f];

    /// <summary>The same for the weights of the first Detectron.</summary>
    public static readonly float[] DetectronMean = [102.9801f, 115.9465f, 122.7717f];

    /// <summary>Six scales, of which one is taken (<c>mstrain</c> of the configurations of Caffe's style).</summary>
    public static readonly IReadOnlyList<IReadOnlyList<int>> SixScales =
        [[1333, 640], [1333, 672], [1333, 704], [1333, 736], [1333, 768], [1333, 800]];

    /// <summary>The smallest and the largest of them.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<int>> OuterScales = [[1333, 640], [1333, 800]];

    /// <summary>Further apart.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<int>> WideScales = [[1333, 480], [1333, 800]];

    /// <summary>Another ResNet.</summary>
    public static T OfDepth<T>(T config, int depth) where T : PyramidConfig =>
        (T)((PyramidConfig)config with { Backbone = config.Backbone with { Depth = depth } });

    /// <summary>A ResNet of Caffe's style, whose norms do not learn.</summary>
    public static T Caffe<T>(T config, float[] mean) where T : PyramidConfig => (T)((PyramidConfig)config with {
        Backbone = config.Backbone with { CaffeStyle = true, NormTrains = false },
        Input = config.Input with { Mean = mean, Std = [1, 1, 1], ToRgb = false },
    });

    /// <summary>Twice mmdetection's usual training.</summary>
    public static TrainingRecipe TwiceAsLong(TrainingRecipe recipe) => recipe with { Epochs = 24, Steps = [16, 22] };
}
