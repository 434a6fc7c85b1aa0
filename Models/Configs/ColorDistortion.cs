namespace DenseEngine.Models;

/// <summary>Changes the colours of training pictures: brightness, contrast, saturation, hue and the order of the channels, each in every
/// second picture (mmdetection's <c>PhotoMetricDistortion</c>; Liu et al., SSD, 2016).</summary>
/// <param name="Brightness">The most that is added to all samples, or taken from them.</param>
/// <param name="LeastContrast">The smallest factor of all samples.</param>
/// <param name="MostContrast">The largest.</param>
/// <param name="LeastSaturation">The smallest factor of the saturation.</param>
/// <param name="MostSaturation">The largest.</param>
/// <param name="Hue">The most that the hue is turned by, in degrees.</param>
public sealed record ColorDistortion(float Brightness = 32, float LeastContrast = 0.5f, float MostContrast = 1.5f,
    float LeastSaturation = 0.5f, float MostSaturation = 1.5f, float Hue = 18);
