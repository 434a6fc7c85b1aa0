using System.Globalization;
using System.Net;
using System.Text;

namespace DenseEngine.Cli;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, by rising x.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws curves as SVG text.</summary>
internal static class LineChart {
    private const int Width = 560, Height = 300, Left = 52, Right = 12, Top = 14, Bottom = 34;

    private static readonly string[] Colours =
        ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#0e8a8a", "#bf3989", "#57606a"];

    /// <summary>A chart whose y axis starts at zero and ends at the largest value, or at <paramref name="yMax"/>.</summary>
    public static string Svg(string xLabel, IReadOnlyList<Curve> curves, double? yMax = null) {
        double xEnd = curves.SelectMany(c => c.Points).Select(p => p.X).DefaultIfEmpty(1).Max();
        double yEnd = yMax ?? curves.SelectMany(c => c.Points).Select(p => p.Y).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        (xEnd, yEnd) = (xEnd > 0 ? xEnd : 1, yEnd > 0 ? yEnd : 1);
        double X(double x) => Left + x / xEnd * (Width - Left - Right);
        double Y(double y) => Height - Bottom - Math.Clamp(y / yEnd, 0, 1) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">");
        for (int tick = 0; tick <= 4; tick++) {
            double x = xEnd * tick / 4, y = yEnd * tick / 4;
            svg.Append(CultureInfo.InvariantCulture,
                $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y):0.#}\" y2=\"{Y(y):0.#}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{Y(y) + 4:0.#}\" text-anchor=\"end\">{Tick(y, yEnd)}</text>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{X(x):0.#}\" y=\"{Height - Bottom + 15}\" text-anchor=\"middle\">{Tick(x, xEnd)}</text>");
        }
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 3}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(xLabel)}</text>");
        for (int i = 0; i < curves.Count; i++) {
            string colour = Colours[i % Colours.Length];
            string points = string.Join(' ', curves[i].Points.Where(p => double.IsFinite(p.Y))
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}")));
            svg.Append(CultureInfo.InvariantCulture,
                $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{points}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<rect x=\"{Width - Right - 108}\" y=\"{Top + 16 * i + 2}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Width - Right - 94}\" y=\"{Top + 16 * i + 11}\">{WebUtility.HtmlEncode(curves[i].Name)}</text>");
        }
        return svg.Append("</svg>").ToString();
    }

    private static string Tick(double value, double end) =>
        value.ToString(end >= 20 ? "0" : end >= 2 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
