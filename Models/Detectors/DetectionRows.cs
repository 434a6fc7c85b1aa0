using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Detections as rows of <see cref="Op.SelectDetections"/>, and back.</summary>
internal static class DetectionRows {
    /// <summary>The detections of each of some pictures, which are waited for: the one download of a batch.</summary>
    /// <param name="rows">Picture after picture, as many rows of each.</param>
    /// <param name="pictures">How many pictures there are, at least one.</param>
    /// <param name="classes">Labels from this on are no detections.</param>
    public static IReadOnlyList<Detections> Download(Tensor rows, int pictures, int classes = int.MaxValue) {
        float[] values = rows.ToArray();
        int each = values.Length / pictures;
        return [.. Enumerable.Range(0, pictures).Select(picture => new Detections(
            [.. Read(values.AsSpan(picture * each, each), classes).Select(found => found.One)]))];
    }

    /// <summary>A picture's, with the candidates' numbers.</summary>
    /// <param name="rows">The label is negative from the one after the last on.</param>
    /// <param name="classes">Labels from this on are no detections.</param>
    public static List<(Detection One, int Number)> Read(ReadOnlySpan<float> rows, int classes = int.MaxValue) {
        var found = new List<(Detection, int)>(rows.Length / Op.DetectionFields);
        for (; rows.Length > 0 && rows[5] >= 0; rows = rows[Op.DetectionFields..]) {
            if (rows[5] < classes)
                found.Add((new Detection(new Box(rows[0], rows[1], rows[2], rows[3]), rows[4], (int)rows[5]), (int)rows[6]));
        }
        return found;
    }
}
