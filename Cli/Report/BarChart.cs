using System.Globalization;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>Bars of some series beside each other in groups, drawn on a picture.</summary>
internal static class BarChart {
    private const int Left = 90, Right = 20, Top = 70, Bottom = 64, Lines = 5, Gap = 10, Scale = 2;
    private static readonly Bgr Grid = new(225, 225, 225);
    private static readonly Bgr Ink = new(40, 40, 40);

    /// <summary>A series of bars.</summary>
    /// <param name="Name">What it is.</param>
    /// <param name="Colour">Its bars' colour.</param>
    /// <param name="Values">One bar a group.</param>
    public sealed record Series(string Name, Bgr Colour, IReadOnlyList<double> Values);

    /// <summary>Draws in a part of a picture, from one row down.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="top">The part's first row.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="title">What is shown.</param>
    /// <param name="below">What the groups are.</param>
    /// <param name="groups">Each one's name.</param>
    /// <param name="series">The bars.</param>
    public static void Draw(Picture picture, int top, int height, string title, string below, IReadOnlyList<string> groups,
        IReadOnlyList<Series> series) {
        var canvas = new Canvas(picture);
        int width = picture.Width - Left - Right, floor = top + height - Bottom, space = height - Top - Bottom;
        double step = Step(series.SelectMany(each => each.Values).DefaultIfEmpty(0).Max()), end = step * Lines;
        canvas.FillRectangle(0, top, picture.Width, top + height, Bgr.White);
        canvas.Text(title, Left, top + 8, Ink, scale: Scale);
        for (int i = 0; i <= Lines; i++) {
            int y = floor - space * i / Lines;
            canvas.FillRectangle(Left, y, Left + width, y + 1, i == 0 ? Ink : Grid);
            string tick = (i * step).ToString(step < 1 ? "0.##" : "0", CultureInfo.InvariantCulture);
            canvas.Text(tick, Left - Canvas.TextSize(tick, Scale).Width - 6, y - 11, Ink, scale: Scale);
        }
        int legend = Left;
        foreach (Series each in series) {
            canvas.FillRectangle(legend, top + 42, legend + 16, top + 58, each.Colour);
            canvas.Text(each.Name, legend + 20, top + 38, Ink, scale: Scale);
            legend += 40 + Canvas.TextSize(each.Name, Scale).Width;
        }
        for (int group = 0; group < groups.Count; group++) {
            int from = Left + width * group / groups.Count + Gap / 2, room = width / groups.Count - Gap;
            for (int k = 0; k < series.Count; k++) {
                int tall = (int)Math.Round(space * series[k].Values[group] / end);
                canvas.FillRectangle(from + room * k / series.Count, floor - tall, from + room * (k + 1) / series.Count, floor,
                    series[k].Colour);
            }
            Middle(groups[group], from + room / 2, floor + 4);
        }
        Middle(below, Left + width / 2, floor + 32);

        void Middle(string text, int x, int y) => canvas.Text(text, x - Canvas.TextSize(text, Scale).Width / 2, y, Ink, scale: Scale);
    }

    /// <summary>1, 2 or 5 times a power of ten, so that the lines reach above the largest bar.</summary>
    private static double Step(double largest) {
        double step = 1e-6;
        for (int i = 0; step * Lines < largest; i++) step *= i % 3 == 1 ? 2.5 : 2;
        return step;
    }
}
