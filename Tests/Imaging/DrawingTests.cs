using System.Numerics;
using DenseEngine.Models;
using Xunit;

namespace DenseEngine.Tests;

public class DrawingTests {
    [Fact]
    public void A_frame_covers_exactly_its_pixels() {
        var picture = new Picture(9, 8);
        new Canvas(picture).Rectangle(1, 2, 7, 8, new Bgr(1, 2, 3), thickness: 2);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 9; x++) {
                bool inside = x is >= 1 and < 7 && y is >= 2 and < 8, hollow = x is >= 3 and < 5 && y is >= 4 and < 6;
                Assert.Equal(inside && !hollow ? new Bgr(1, 2, 3) : Bgr.Black, At(picture, x, y));
            }
        }
    }

    [Fact]
    public void Shapes_fill_as_much_as_their_area() {
        Assert.InRange(Filled(canvas => canvas.FillEllipse(new(50, 40), 30, 20, Bgr.White)), Math.PI * 600 - 5, Math.PI * 600 + 5);
        Assert.InRange(Filled(canvas => canvas.FillPolygon([new(10, 10), new(60, 10), new(10, 70)], Bgr.White)), 1498, 1502);
        Vector2[] upright = [new(10.25f, 10), new(20.75f, 10), new(20.75f, 30), new(10.25f, 30)];
        Assert.InRange(Filled(canvas => canvas.FillPolygon(upright, Bgr.White)), 209.5, 210.5);
        Assert.InRange(Filled(canvas => canvas.Line(new(10, 10), new(40, 50), Bgr.White, thickness: 3)), 149, 151);
        // The inner square of a polygon that goes round twice is outside.
        Vector2[] twice = [new(0, 0), new(40, 0), new(40, 40), new(0, 40), new(0, 0),
            new(10, 10), new(20, 10), new(20, 20), new(10, 20), new(10, 10)];
        Assert.InRange(Filled(canvas => canvas.FillPolygon(twice, Bgr.White)), 1499.5, 1500.5);
    }

    [Fact]
    public void What_lies_outside_is_not_drawn() {
        var picture = new Picture(10, 10);
        var canvas = new Canvas(picture);
        canvas.FillRectangle(-5, -5, 0, 20, Bgr.White);
        canvas.Rectangle(-3, -3, 13, 13, Bgr.White, 2);
        canvas.FillEllipse(new(-50, 5), 40, 40, Bgr.White);
        canvas.FillEllipse(new(float.NaN, 5), 40, 40, Bgr.White);
        canvas.FillPolygon([new(20, 0), new(30, 0), new(25, 9)], Bgr.White);
        canvas.FillPolygon([new(float.PositiveInfinity, 0), new(0, 0), new(9, 9)], Bgr.White);
        canvas.Text("outside", 10, 10, Bgr.White, Bgr.White);
        Assert.All(picture.Pixels, sample => Assert.Equal(0, sample));
        canvas.FillEllipse(new(5, 5), 1e9f, 1e9f, Bgr.White);
        Assert.All(picture.Pixels, sample => Assert.Equal(255, sample));
    }

    [Fact]
    public void Letters_differ_and_scale() {
        var drawn = new HashSet<string>();
        for (char letter = ' '; letter <= '~'; letter++)
            Assert.True(drawn.Add(Convert.ToHexString(BitmapFont.Glyph(letter))), $"'{letter}'");
        Assert.Equal(BitmapFont.Glyph('?'), BitmapFont.Glyph('é'));
        Assert.All(BitmapFont.Glyph(' ').ToArray(), row => Assert.Equal(0, row));
        Assert.Equal([0b00001, 0b00001, 0b00001, 0b00001, 0b00001, 0b00001, 0b11111, 0, 0], BitmapFont.Glyph('L').ToArray());

        Assert.Equal((13, 11), Canvas.TextSize("Lp"));
        Picture small = new(13, 11), large = new(26, 22);
        new Canvas(small).Text("Lp", 0, 0, Bgr.White, new Bgr(9, 9, 9));
        new Canvas(large).Text("Lp", 0, 0, Bgr.White, new Bgr(9, 9, 9), scale: 2);
        for (int y = 0; y < 22; y++)
            for (int x = 0; x < 26; x++) Assert.Equal(At(small, x / 2, y / 2), At(large, x, y));
        Assert.Equal((Bgr.White, new Bgr(9, 9, 9)), (At(small, 1, 1), At(small, 2, 1)));
    }

    [Fact]
    public void Class_colours_are_far_apart() {
        for (int i = 0; i < 80; i++) {
            for (int j = 0; j < i; j++) {
                Bgr a = Bgr.OfClass(i), b = Bgr.OfClass(j);
                int distance = Math.Abs(a.Blue - b.Blue) + Math.Abs(a.Green - b.Green) + Math.Abs(a.Red - b.Red);
                Assert.True(distance >= (i < 16 ? 100 : 10), $"classes {i} and {j}: {a} and {b}");
            }
        }
    }

    [Fact]
    public void Detections_get_frames_and_labels() {
        var picture = new Picture(120, 80);
        Annotator.Draw(picture, [20, 30, 60, 70, -10, -10, 500, 500, 200, 200, 220, 220, float.NaN, 0, 1, 1], [1, 4, 0, 0],
             [0.9f, 0.5f, 0.4f, 0.3f], ["box", "disc"]);
        Assert.Equal(Bgr.OfClass(1), At(picture, 20, 50));
        Assert.Equal(Bgr.OfClass(1), At(picture, 59, 69));
        Assert.Equal(Bgr.Black, At(picture, 60, 50));
        Assert.Equal(Bgr.OfClass(4), At(picture, 119, 50));
        // The label stands on the frame, written in the contrasting colour.
        Assert.Equal(Bgr.OfClass(1), At(picture, 20, 29));
        Picture label = new(120, 80);
        (int width, int height) = Canvas.TextSize("disc 0.90");
        new Canvas(label).Text("disc 0.90", 20, 30 - height, Bgr.OfClass(1).Contrasting(), Bgr.OfClass(1));
        for (int y = 30 - height; y < 30; y++)
            for (int x = 20; x < 20 + width; x++) Assert.Equal(At(label, x, y), At(picture, x, y));
    }

    [Fact]
    public void Arrays_of_different_counts_are_refused() {
        Assert.Throws<ShapeException>(() => Annotator.Draw(new Picture(9, 9), [1, 2, 3], [0], [0.5f], []));
        Assert.Throws<ShapeException>(() => Annotator.Draw(new Picture(9, 9), [1, 2, 3, 4], [0], [0.5f, 0.5f], []));
    }

    private static double Filled(Action<Canvas> draw) {
        var picture = new Picture(100, 90);
        draw(new Canvas(picture));
        return picture.Pixels.Sum(sample => sample / 255.0) / 3;
    }

    private static Bgr At(Picture picture, int x, int y) {
        int i = 3 * (y * picture.Width + x);
        return new Bgr(picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]);
    }
}
