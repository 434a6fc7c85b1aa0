using System.Numerics;

namespace DenseEngine.Models;

/// <summary>
/// Draws on a picture. Positions are in pixels from its top left corner: pixel (i, j) covers [i, i + 1) × [j, j + 1). What lies outside the
/// picture is not drawn, and neither are shapes with coordinates that are no numbers.
/// </summary>
/// <param name="picture">The picture to draw on; it is changed in place.</param>
public sealed class Canvas(Picture picture) {
    private readonly SpanPainter painter = new(picture);

    /// <summary>Fills whole pixels: columns from <paramref name="x1"/> to before <paramref name="x2"/>, rows likewise.</summary>
    public void FillRectangle(int x1, int y1, int x2, int y2, Bgr color) {
        (x1, x2) = (Math.Max(x1, 0), Math.Min(x2, picture.Width));
        if (x1 >= x2) return;
        for (int y = Math.Max(y1, 0); y < Math.Min(y2, picture.Height); y++) painter.FillWhole(y, x1, x2, color);
    }

    /// <summary>Draws a frame inside the same pixels that <see cref="FillRectangle"/> would fill.</summary>
    /// <param name="x1">First column.</param>
    /// <param name="y1">First row.</param>
    /// <param name="x2">Column after the last.</param>
    /// <param name="y2">Row after the last.</param>
    /// <param name="color">Colour of the frame.</param>
    /// <param name="thickness">Its width in pixels.</param>
    public void Rectangle(int x1, int y1, int x2, int y2, Bgr color, int thickness = 1) {
        int innerTop = Math.Min(y1 + thickness, y2), innerBottom = Math.Max(y2 - thickness, innerTop);
        FillRectangle(x1, y1, x2, innerTop, color);
        FillRectangle(x1, innerBottom, x2, y2, color);
        FillRectangle(x1, innerTop, Math.Min(x1 + thickness, x2), innerBottom, color);
        FillRectangle(Math.Max(x2 - thickness, x1), innerTop, x2, innerBottom, color);
    }

    /// <summary>Draws a straight line with smooth edges.</summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other end.</param>
    /// <param name="color">Colour of the line.</param>
    /// <param name="thickness">Its width in pixels; half of it lies on each side.</param>
    public void Line(Vector2 from, Vector2 to, Bgr color, float thickness = 1) {
        Vector2 along = to - from;
        float length = along.Length();
        if (!(length > 0) || !float.IsFinite(length)) return;
        Vector2 across = new Vector2(-along.Y, along.X) * (thickness / 2 / length);
        FillPolygon([from + across, to + across, to - across, from - across], color);
    }

    /// <summary>Fills a polygon with smooth edges; where it crosses itself, points enclosed twice are outside (even-odd rule).</summary>
    /// <param name="corners">The corners in order; the last one joins the first.</param>
    /// <param name="color">Colour of the inside.</param>
    public void FillPolygon(ReadOnlySpan<Vector2> corners, Bgr color) {
        float top = float.PositiveInfinity, bottom = float.NegativeInfinity;
        foreach (Vector2 corner in corners) {
            if (!float.IsFinite(corner.X) || !float.IsFinite(corner.Y)) return;
            (top, bottom) = (Math.Min(top, corner.Y), Math.Max(bottom, corner.Y));
        }
        var crossings = new List<double>(corners.Length);
        foreach (double y in painter.Lines(top, bottom, color)) {
            crossings.Clear();
            for (int i = 0; i < corners.Length; i++) {
                Vector2 a = corners[i], b = corners[(i + 1) % corners.Length];
                if (a.Y <= y == b.Y <= y) continue;
                crossings.Add(a.X + (y - a.Y) / ((double)b.Y - a.Y) * ((double)b.X - a.X));
            }
            crossings.Sort();
            for (int i = 0; i + 1 < crossings.Count; i += 2) painter.Cover(crossings[i], crossings[i + 1]);
        }
    }

    /// <summary>Fills an upright ellipse with smooth edges.</summary>
    /// <param name="center">Its middle.</param>
    /// <param name="radiusX">Half its width in pixels.</param>
    /// <param name="radiusY">Half its height in pixels.</param>
    /// <param name="color">Colour of the inside.</param>
    public void FillEllipse(Vector2 center, float radiusX, float radiusY, Bgr color) {
        if (!(radiusX > 0) || !(radiusY > 0) || !float.IsFinite(center.X) || !float.IsFinite(center.Y)) return;
        foreach (double y in painter.Lines(center.Y - radiusY, center.Y + radiusY, color)) {
            double height = (y - center.Y) / radiusY;
            double half = radiusX * Math.Sqrt(Math.Max(0, 1 - height * height));
            painter.Cover(center.X - half, center.X + half);
        }
    }

    /// <summary>Writes a line of text in whole pixels; characters other than ASCII 32 to 126 appear as '?'.</summary>
    /// <param name="text">The text; its place is as <see cref="TextSize"/> tells.</param>
    /// <param name="x">Left column of the text's place.</param>
    /// <param name="y">Top row of the text's place.</param>
    /// <param name="color">Colour of the letters.</param>
    /// <param name="background">Colour of the whole place; null leaves what is there.</param>
    /// <param name="scale">Pixels a dot of the letters is wide and high, at least 1.</param>
    public void Text(string text, int x, int y, Bgr color, Bgr? background = null, int scale = 1) {
        (int width, int height) = TextSize(text, scale);
        if (background is { } ground) FillRectangle(x, y, x + width, y + height, ground);
        for (int i = 0; i < text.Length; i++) {
            ReadOnlySpan<byte> rows = BitmapFont.Glyph(text[i]);
            for (int dot = 0; dot < BitmapFont.Width * BitmapFont.Height; dot++) {
                int column = dot % BitmapFont.Width, row = dot / BitmapFont.Width;
                if ((rows[row] >> column & 1) == 0) continue;
                int left = x + scale * (1 + i * BitmapFont.Advance + column), top = y + scale * (1 + row);
                FillRectangle(left, top, left + scale, top + scale, color);
            }
        }
    }

    /// <summary>Columns and rows that a text takes: 6 by 11 dots a letter, margins included, and one more dot in width.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A scale below 1.</exception>
    public static (int Width, int Height) TextSize(string text, int scale = 1) {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        return (scale * (text.Length * BitmapFont.Advance + 1), scale * (BitmapFont.Height + 2));
    }
}
