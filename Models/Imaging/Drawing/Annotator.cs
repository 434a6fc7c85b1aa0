using System.Globalization;

namespace DenseEngine.Models;

/// <summary>Draws detections on a picture: a frame for each box in its class's colour, and a label with class name and score.</summary>
public static class Annotator {
    /// <summary>Draws the detections in place, the best ones on top. Labels evade each other where there is room.</summary>
    /// <param name="picture">The picture to draw on.</param>
    /// <param name="boxes">[n, 4] corners x1, y1, x2, y2 in pixels; boxes outside the picture or without numbers are left out.</param>
    /// <param name="labels">[n] class indices.</param>
    /// <param name="scores">[n] scores, or none to write class names only (annotated truths, say).</param>
    /// <param name="classNames">Name of each class; an index without a name is written as a number.</param>
    /// <exception cref="ShapeException">Arrays of different counts.</exception>
    public static void Draw(Picture picture, ReadOnlySpan<float> boxes, ReadOnlySpan<int> labels, ReadOnlySpan<float> scores,
        IReadOnlyList<string> classNames) {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(classNames);
        if (boxes.Length != 4 * labels.Length || (scores.Length != labels.Length && !scores.IsEmpty)) {
            throw new ShapeException($"Annotator: boxes, labels and scores must have n x 4, n and n (or no) values, but have "
                + $"{boxes.Length}, {labels.Length} and {scores.Length}.");
        }
        var canvas = new Canvas(picture);
        int shorter = Math.Min(picture.Width, picture.Height);
        int scale = shorter < 400 ? 1 : 2, thickness = Math.Clamp(shorter / 200, 1, 4);
        int[] order = BestFirst(labels.Length, scores);
        foreach (int i in order.Reverse()) {
            if (Clip(picture, boxes.Slice(4 * i, 4)) is { } box)
                canvas.Rectangle(box.X1, box.Y1, box.X2, box.Y2, Bgr.OfClass(labels[i]), thickness);
        }
        var taken = new List<Frame>();
        foreach (int i in order) {
            if (Clip(picture, boxes.Slice(4 * i, 4)) is not { } box) continue;
            string name = labels[i] < classNames.Count ? classNames[labels[i]] : labels[i].ToString(CultureInfo.InvariantCulture);
            string text = scores.IsEmpty ? name : string.Create(CultureInfo.InvariantCulture, $"{name} {scores[i]:0.00}");
            Frame place = Place(picture, box, Canvas.TextSize(text, scale), taken);
            taken.Add(place);
            Bgr color = Bgr.OfClass(labels[i]);
            canvas.Text(text, place.X1, place.Y1, color.Contrasting(), color, scale);
        }
    }

    // Best score first; equal ones keep their order.
    private static int[] BestFirst(int count, ReadOnlySpan<float> scores) {
        int[] order = [.. Enumerable.Range(0, count)];
        if (scores.IsEmpty) return order;
        float[] keys = scores.ToArray();
        return [.. order.OrderByDescending(i => keys[i])];
    }

    private static Frame? Clip(Picture picture, ReadOnlySpan<float> box) {
        foreach (float side in box)
            if (float.IsNaN(side)) return null;
        int x1 = Pixel(box[0], picture.Width), y1 = Pixel(box[1], picture.Height);
        int x2 = Pixel(box[2], picture.Width), y2 = Pixel(box[3], picture.Height);
        return x1 < x2 && y1 < y2 ? new Frame(x1, y1, x2, y2) : null;
    }

    private static int Pixel(float position, int limit) => (int)Math.Round(Math.Clamp(position, 0, limit));

    // Above the box, inside its top, below it, inside its bottom: the first that hides no label drawn before.
    private static Frame Place(Picture picture, Frame box, (int Width, int Height) size, List<Frame> taken) {
        Frame above = At(box.Y1 - size.Height);
        if (box.Y1 >= size.Height && IsFree(above)) return above;
        foreach (int top in (ReadOnlySpan<int>)[box.Y1, box.Y2, box.Y2 - size.Height]) {
            Frame place = At(top);
            if (IsFree(place)) return place;
        }
        return above;

        Frame At(int top) {
            int x = Math.Max(0, Math.Min(box.X1, picture.Width - size.Width)), y = Math.Max(0, Math.Min(top, picture.Height - size.Height));
            return new Frame(x, y, x + size.Width, y + size.Height);
        }

        bool IsFree(Frame place) => !taken.Exists(other =>
            place.X1 < other.X2 && other.X1 < place.X2 && place.Y1 < other.Y2 && other.Y1 < place.Y2);
    }

    /// <summary>Whole pixels; the second corner is not included.</summary>
    private readonly record struct Frame(int X1, int Y1, int X2, int Y2);
}
