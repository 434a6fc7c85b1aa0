using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The priors of one picture that take part in the losses.</summary>
/// <param name="Positives">Those that are to find an object, ascending: places in the list that begins with the <paramref name="Added"/>
/// objects and goes on with the priors.</param>
/// <param name="Negatives">Those that are to find nothing, ascending, in the same list.</param>
/// <param name="Truths">Each positive's object, from 0.</param>
/// <param name="Boxes">The positives' boxes, then the negatives'.</param>
/// <param name="Added">How many objects stand before the priors.</param>
public sealed record Sampling(int[] Positives, int[] Negatives, int[] Truths, Box[] Boxes, int Added);
