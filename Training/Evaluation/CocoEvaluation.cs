using System.Globalization;

namespace DenseEngine.Training;

/// <summary>pycocotools' twelve figures of a set of detections; -1 where there is nothing to measure.</summary>
/// <param name="Ap">Mean precision over IoU thresholds 0.50 to 0.95, recalls and classes.</param>
/// <param name="Ap50">The same at IoU 0.50.</param>
/// <param name="Ap75">The same at IoU 0.75.</param>
/// <param name="ApSmall">AP of objects of area up to 32².</param>
/// <param name="ApMedium">AP of objects of area from 32² to 96².</param>
/// <param name="ApLarge">AP of larger objects.</param>
/// <param name="ArFirst">Largest recall, mean over thresholds and classes, with the first number of detections a picture.</param>
/// <param name="ArSecond">… with the second number.</param>
/// <param name="ArThird">… with the third number.</param>
/// <param name="ArSmall">The last for small objects.</param>
/// <param name="ArMedium">… for medium ones.</param>
/// <param name="ArLarge">… for large ones.</param>
public sealed record CocoFigures(double Ap, double Ap50, double Ap75, double ApSmall, double ApMedium, double ApLarge,
    double ArFirst, double ArSecond, double ArThird, double ArSmall, double ArMedium, double ArLarge) {
    /// <summary>The figures in pycocotools' order.</summary>
    public IReadOnlyList<double> All =>
        [Ap, Ap50, Ap75, ApSmall, ApMedium, ApLarge, ArFirst, ArSecond, ArThird, ArSmall, ArMedium, ArLarge];

    /// <summary>One line: <c>bbox AP 0.812  AP50 0.978</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"bbox AP {Ap:0.000}  AP50 {Ap50:0.000}");
}

/// <summary>What an evaluation measured: precision by threshold, recall, class, area and number of detections.</summary>
public sealed class CocoEvaluation {
    /// <summary>Recalls at which precision is read: 0, 0.01, … 1.</summary>
    public const int Recalls = 101;

    internal const int Thresholds = 10, Areas = 4;

    internal CocoEvaluation(IReadOnlyList<CocoCategory> categories, IReadOnlyList<int> maxDetections) {
        (Categories, MaxDetections) = (categories, maxDetections);
        Precision = new double[Thresholds * Recalls * categories.Count * Areas * maxDetections.Count];
        Recall = new double[Thresholds * categories.Count * Areas * maxDetections.Count];
        Array.Fill(Precision, -1);
        Array.Fill(Recall, -1);
    }

    /// <summary>The classes by rising id.</summary>
    public IReadOnlyList<CocoCategory> Categories { get; }

    /// <summary>The numbers of detections a picture, rising.</summary>
    public IReadOnlyList<int> MaxDetections { get; }

    /// <summary>[threshold, recall, class, area, number of detections]; -1 where a class has no object.</summary>
    internal double[] Precision { get; }

    /// <summary>[threshold, class, area, number of detections].</summary>
    internal double[] Recall { get; }

    /// <summary>The twelve figures, as pycocotools summarises them.</summary>
    public CocoFigures Figures() => Figures(MaxDetections.Count - 1);

    /// <summary>As mmdetection reads them with 100, 300 and 1000 detections: AP at the first number, all else at the largest.</summary>
    public CocoFigures FiguresOfMmdetection() => Figures(0);

    private CocoFigures Figures(int apDetections) {
        int last = MaxDetections.Count - 1;
        return new CocoFigures(
            MeanPrecision(null, 0, apDetections), MeanPrecision(0, 0, last), MeanPrecision(5, 0, last),
            MeanPrecision(null, 1, last), MeanPrecision(null, 2, last), MeanPrecision(null, 3, last),
            MeanRecall(0, 0), MeanRecall(0, 1), MeanRecall(0, 2), MeanRecall(1, last), MeanRecall(2, last), MeanRecall(3, last));
    }

    /// <summary>A class's AP, over all thresholds or at IoU 0.50 + 0.05·<paramref name="threshold"/>; -1 where it has no object.</summary>
    public double ClassAp(int category, int? threshold = null) => MeanPrecision(threshold, 0, MaxDetections.Count - 1, category);

    /// <summary>A class's precision at each of the <see cref="Recalls"/> recalls, at IoU 0.50 +
    /// 0.05·<paramref name="threshold"/>.</summary>
    public double[] Curve(int category, int threshold) =>
        [.. Enumerable.Range(0, Recalls).Select(recall => Precision[At(threshold, recall, category, 0, MaxDetections.Count - 1)])];

    internal int At(int threshold, int recall, int category, int area, int detections) =>
        (((threshold * Recalls + recall) * Categories.Count + category) * Areas + area) * MaxDetections.Count + detections;

    internal int At(int threshold, int category, int area, int detections) =>
        ((threshold * Categories.Count + category) * Areas + area) * MaxDetections.Count + detections;

    private double MeanPrecision(int? threshold, int area, int detections, int? category = null) => Mean(
        from t in threshold is { } one ? [one] : Enumerable.Range(0, Thresholds)
        from recall in Enumerable.Range(0, Recalls)
        from k in category is { } only ? [only] : Enumerable.Range(0, Categories.Count)
        select Precision[At(t, recall, k, area, detections)]);

    private double MeanRecall(int area, int detections) => Mean(
        from t in Enumerable.Range(0, Thresholds)
        from k in Enumerable.Range(0, Categories.Count)
        select Recall[At(t, k, area, detections)]);

    private static double Mean(IEnumerable<double> values) {
        (double sum, int count) = (0, 0);
        foreach (double value in values) if (value > -1) (sum, count) = (sum + value, count + 1);
        return count == 0 ? -1 : sum / count;
    }
}
