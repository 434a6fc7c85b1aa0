using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

/// <summary>Which upper left and lower right corners make a box.</summary>
/// <param name="Grid">How cells lie in the picture.</param>
/// <param name="MostApart">How far apart the embeddings of an object's corners may be.</param>
/// <param name="LeastScore">The mean of the corners' scores must exceed it.</param>
/// <param name="Loose">Not 0: corners may share a row or column, and lie before the picture's left and upper edge; else they are moved to
/// that first.</param>
/// <param name="Mirror">The width within which boxes of a mirrored picture are turned back; NaN if it is not mirrored.</param>
public readonly record struct CornerRule(CellGrid Grid, float MostApart, float LeastScore, int Loose = 0, float Mirror = float.NaN) {
    internal float X(float column, int zero) => Held(Grid.X(column, zero));

    internal float Y(float row, int zero) => Held(Grid.Y(row, zero));

    internal bool InOrder(float first, float second) => second > first || (Loose != 0 && second == first);

    internal Box Of(float x1, float y1, float x2, float y2) =>
        float.IsNaN(Mirror) ? new Box(x1, y1, x2, y2) : new Box(Mirror - x2, y1, Mirror - x1, y2);

    private float Held(float place) => place > 0 || Loose != 0 ? place : 0;
}

/// <summary>Boxes of pairs of corners, the second ones one after the other for each first one.</summary>
/// <param name="Boxes">[k·m, 4].</param>
/// <param name="Scores">[k·m]; minus infinity for what is no box.</param>
/// <param name="Labels">Int32 [k·m]; -1 for what is no box.</param>
public sealed record CornerPairs(Tensor Boxes, Tensor Scores, Tensor Labels);

public static partial class Op {
    /// <summary>Puts the corners of a picture together to boxes (Law and Deng, CornerNet, 2018, section 3.1): each upper left one with
    /// each lower right one; those of one class, in the right order and with like embeddings are boxes. No gradient.</summary>
    /// <param name="first">Upper left corners [k,6], as <see cref="HeatPeaks.Rows"/>.</param>
    /// <param name="firstEmbeddings">Theirs [k,1].</param>
    /// <param name="second">Lower right corners [m,6].</param>
    /// <param name="secondEmbeddings">Theirs [m,1].</param>
    /// <param name="rule">What is a box.</param>
    /// <exception cref="ShapeException">Shapes differ from these.</exception>
    public static CornerPairs PairCorners(Tensor first, Tensor firstEmbeddings, Tensor second, Tensor secondEmbeddings, CornerRule rule) {
        const string name = nameof(PairCorners);
        (int k, int m) = (Check.Rank(name, "first", first, 2).Shape[0], Check.Rank(name, "second", second, 2).Shape[0]);
        Check.Shape(name, "first", first, [k, PeakFields]);
        Check.Shape(name, "second", second, [m, PeakFields]);
        Check.Shape(name, "firstEmbeddings", firstEmbeddings, [k, 1]);
        Check.Shape(name, "secondEmbeddings", secondEmbeddings, [m, 1]);
        Device device = Check.SameDevice(name, first, firstEmbeddings, second, secondEmbeddings);
        int count = k * m;
        var pairs = new CornerPairs(new Tensor(device, [count, 4]), new Tensor(device, [count]), new Tensor(device, [count], DType.Int32));
        if (count > 0) Run(device, _ => {
            for (int i = 0; i < count; i++) {
                Corner one = Corner.Read(first.Span, firstEmbeddings.Span, i / m), other = Corner.Read(second.Span, secondEmbeddings.Span,
                    i % m);
                (Boxes(pairs.Boxes)[i], pairs.Scores.Span[i], pairs.Labels.IntSpan[i]) = Joined(one, other, rule, 0);
            }
        }, gpu => gpu.Kernel(PairCornersKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<Box>, ArrayView<float>,
            ArrayView<int>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, CornerRule, int>(
            PairCornersKernel))
            (count, Boxes(gpu, pairs.Boxes), gpu.Floats(pairs.Scores), gpu.Integers(pairs.Labels), gpu.Floats(first),
            gpu.Floats(firstEmbeddings), gpu.Floats(second), gpu.Floats(secondEmbeddings), m, rule, 0));
        return pairs;
    }

    /// <summary>One pair a thread.</summary>
    internal static void PairCornersKernel(Index1D i, ArrayView<Box> boxes, ArrayView<float> scores, ArrayView<int> labels,
        ArrayView<float> first, ArrayView<float> firstEmbeddings, ArrayView<float> second, ArrayView<float> secondEmbeddings, int seconds,
        CornerRule rule, int zero) {
        int one = i / seconds, other = i - one * seconds;
        Corner from = new(first[one * PeakFields], first[one * PeakFields + 1], first[one * PeakFields + 4],
            first[one * PeakFields + 5], firstEmbeddings[one]);
        Corner to = new(second[other * PeakFields], second[other * PeakFields + 1], second[other * PeakFields + 4],
            second[other * PeakFields + 5], secondEmbeddings[other]);
        (Box box, float score, int label) = Joined(from, to, rule, zero);
        boxes[i] = box;
        scores[i] = score;
        labels[i] = label;
    }

    private static (Box Box, float Score, int Label) Joined(Corner first, Corner second, CornerRule rule, int zero) {
        float x1 = rule.X(first.X, zero), y1 = rule.Y(first.Y, zero), x2 = rule.X(second.X, zero), y2 = rule.Y(second.Y, zero);
        float score = (first.Score + second.Score) / 2;
        bool joins = first.Label == second.Label && rule.InOrder(x1, x2) && rule.InOrder(y1, y2)
            && !(Math.Abs(first.Embedding - second.Embedding) > rule.MostApart) && score > rule.LeastScore;
        int label = -1;
        if (joins) label = (int)first.Label;
        else score = float.NegativeInfinity;
        return (rule.Of(x1, y1, x2, y2), score, label);
    }

    /// <summary>A corner, in cells.</summary>
    private readonly record struct Corner(float X, float Y, float Score, float Label, float Embedding) {
        public static Corner Read(ReadOnlySpan<float> rows, ReadOnlySpan<float> embeddings, int number) {
            ReadOnlySpan<float> row = rows.Slice(number * PeakFields, PeakFields);
            return new Corner(row[0], row[1], row[4], row[5], embeddings[number]);
        }
    }
}
