using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>Cuts random parts out of pictures, with the objects whose middle lies in them.</summary>
internal static class PartOfPicture {
    private const int Places = 50, Rounds = 20;   // tries at a size, and sizes, before a part without objects is taken

    /// <summary>A part of a picture, and what is left of its objects.</summary>
    public static (TrainingPicture Source, Picture Part) Cut(RandomCropPad rule, TrainingPicture source, Picture picture, Philox random) {
        for (int round = 0; ; round++) {
            double ratio = rule.Ratios[random.Next(rule.Ratios.Count)];
            (int width, int height) = ((int)(rule.Width * ratio), (int)(rule.Height * ratio));
            int left = Border(rule.Border, picture.Width), top = Border(rule.Border, picture.Height);
            for (int place = 0; place < Places; place++) {
                int x = left + random.Next(Math.Max(1, picture.Width - 2 * left));
                int y = top + random.Next(Math.Max(1, picture.Height - 2 * top));
                int x1 = Math.Max(0, x - width / 2), y1 = Math.Max(0, y - height / 2);
                int x2 = Math.Min(x + width / 2, picture.Width), y2 = Math.Min(y + height / 2, picture.Height);
                bool last = round == Rounds - 1 && place == Places - 1;
                if (!last && source.Boxes.Length > 0 && !source.Boxes.Chunk(4).Any(IsInside)) continue;
                int across = width / 2 - x, down = height / 2 - y;   // where the picture comes to lie
                int[] kept = [.. Enumerable.Range(0, source.Labels.Length).Where(i => IsInside(source.Boxes.AsSpan(4 * i, 4).ToArray())
                    && HasArea(Moved(source.Boxes.AsSpan(4 * i, 4).ToArray())))];
                return (source with {
                    Boxes = [.. kept.SelectMany(i => Moved(source.Boxes.AsSpan(4 * i, 4).ToArray()))],
                    Labels = [.. kept.Select(i => source.Labels[i])],
                    Crowds = [.. source.Crowds.Chunk(4).Where(IsInside).Select(Moved).Where(HasArea).SelectMany(box => box)],
                }, Paste(rule, picture, width, height, x1, y1, x2, y2, across, down));

                bool IsInside(float[] box) => (box[0] + box[2]) / 2 is var middle && middle > x1 && middle < x2
                    && (box[1] + box[3]) / 2 is var height && height > y1 && height < y2;
                float[] Moved(float[] box) => [Math.Clamp(box[0] + across, 0, width), Math.Clamp(box[1] + down, 0, height),
                    Math.Clamp(box[2] + across, 0, width), Math.Clamp(box[3] + down, 0, height)];
            }
        }
    }

    private static bool HasArea(float[] box) => box[2] > box[0] && box[3] > box[1];

    private static Picture Paste(RandomCropPad rule, Picture picture, int width, int height, int x1, int y1, int x2, int y2, int across,
        int down) {
        var part = new Picture(width, height);
        byte[] fill = [.. rule.Fill.Select(value => (byte)MathF.Round(value))];
        for (int i = 0; i < part.Pixels.Length; i++) part.Pixels[i] = fill[i % 3];
        for (int row = y1; row < y2; row++)
            picture.Pixels.AsSpan(3 * (row * picture.Width + x1), 3 * (x2 - x1))
                .CopyTo(part.Pixels.AsSpan(3 * ((row + down) * width + x1 + across)));
        return part;
    }

    /// <summary>The border, halved until less than half of the picture's side is left out at each edge.</summary>
    private static int Border(int border, int side) {
        int parts = 1;
        while (side - border / parts <= border / parts) parts *= 2;
        return border / parts;
    }
}
