namespace DenseEngine.Models;

/// <summary>An object's height, width and length in metres.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LossWeight">Multiplies the loss.</param>
public sealed record CenterSize3d(string Name = "size3d", float LossWeight = 1) : CenterRegression(Name, 3, LossWeight);
