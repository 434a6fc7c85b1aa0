namespace DenseEngine.Models;

/// <summary>An object in the cells of CenterNet's map.</summary>
/// <param name="Picture">Its picture's number in the batch.</param>
/// <param name="Number">Its number among the picture's objects.</param>
/// <param name="Row">The row of the cell that its centre lies in.</param>
/// <param name="Column">That cell's column.</param>
/// <param name="X">Its centre, in cells.</param>
/// <param name="Y">Likewise, downwards.</param>
/// <param name="Width">Its width in cells.</param>
/// <param name="Height">Its height in cells.</param>
/// <param name="Radius">How far around its centre others are near enough, in whole cells.</param>
/// <param name="Label">Its class.</param>
public readonly record struct CenterObject(int Picture, int Number, int Row, int Column, float X, float Y, float Width, float Height,
    int Radius, int Label);
