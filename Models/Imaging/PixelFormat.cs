namespace DenseEngine.Models;

/// <summary>What the bytes of a pixel in memory mean, in their order.</summary>
public enum PixelFormat {
    /// <summary>Blue, green, red: what OpenCV and <see cref="Picture"/> have.</summary>
    Bgr,

    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, alpha.</summary>
    Bgra,

    /// <summary>Red, green, blue, alpha.</summary>
    Rgba,

    /// <summary>One byte of grey.</summary>
    Gray,
}
