using System.Reflection;
using DenseEngine.Models;

namespace DenseEngine.Benchmarks;

/// <summary>What happens to a picture before a network sees it, one picture at a time; bytes are those of pixels and floats.</summary>
public class PictureBenchmarks : WorkloadBenchmarks {
    private static readonly Normalization Normalization = new([123.675f, 116.28f, 103.53f], [58.395f, 57.12f, 57.375f], toRgb: true);

    /// <inheritdoc/>
    protected override IEnumerable<Workload> Table => [
        Decode("JPEG", "large.jpg"), Decode("JPEG, progressive", "large_progressive.jpg"),
        new("PNG 1333x800 decode", work => {
            byte[] file = Noise(1333, 800).ToPng();
            work.Bytes = 3.0 * 1333 * 800 + file.Length;
            return () => Picture.Load(file);
        }),
        new("PNG 1333x800 encode", work => {
            Picture picture = Noise(1333, 800);
            work.Bytes = 3.0 * 1333 * 800 + picture.ToPng().Length;
            return () => picture.ToPng();
        }),
        Resize(640, 480, 1067, 800), Resize(4000, 3000, 1067, 800),
        new("Normalise 1333x800 to 1344x800", work => {
            Picture picture = Noise(1333, 800);
            float[] target = new float[3 * 1344 * 800];
            work.Bytes = picture.Pixels.Length + 4.0 * target.Length;
            return () => Normalization.Write(picture, target, 1344, 800);
        }),
    ];

    private static Workload Decode(string name, string file) => new($"{name} 1605x1203 decode", work => {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        work.Bytes = bytes.Length + 3.0 * 1605 * 1203;
        return () => Picture.Load(bytes);
    });

    private static Workload Resize(int width, int height, int newWidth, int newHeight) =>
        new($"Resize {width}x{height} to {newWidth}x{newHeight}", work => {
            Picture picture = Noise(width, height), target = new(newWidth, newHeight);
            work.Bytes = picture.Pixels.Length + target.Pixels.Length;
            return () => picture.ResizeInto(target);
        });

    /// <summary>Soft hills and a little noise, as in photographs.</summary>
    private static Picture Noise(int width, int height) {
        var (random, picture) = (new Random(1), new Picture(width, height));
        for (int i = 0; i < picture.Pixels.Length; i++) {
            (int row, int sample) = Math.DivRem(i, 3 * width);
            picture.Pixels[i] = (byte)(128 + 80 * Math.Sin(row * 0.01) * Math.Cos(sample * 0.004) + random.Next(8));
        }
        return picture;
    }
}
