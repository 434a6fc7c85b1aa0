namespace DenseEngine.Models;

/// <summary>A picture's place in a batch, in pixels of the network's input.</summary>
/// <param name="Width">Columns of the resized picture, without padding.</param>
/// <param name="Height">Rows.</param>
/// <param name="PaddedWidth">Columns after its own padding (to a multiple of the network's largest stride);
/// the batch may be larger.</param>
/// <param name="PaddedHeight">Rows.</param>
/// <param name="ScaleX">Resized width over the original's.</param>
/// <param name="ScaleY">Resized height over the original's.</param>
/// <param name="Left">Columns of padding before the picture.</param>
/// <param name="Top">Rows above it.</param>
public readonly record struct ImageInfo(int Width, int Height, int PaddedWidth, int PaddedHeight, float ScaleX = 1, float ScaleY = 1,
    int Left = 0, int Top = 0);
