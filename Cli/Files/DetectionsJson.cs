using System.Text.Encodings.Web;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Cli;

/// <summary>What was found in a picture file.</summary>
/// <param name="File">The file as the command line names it.</param>
/// <param name="Width">The picture's columns after its EXIF orientation.</param>
/// <param name="Height">Its rows, likewise.</param>
/// <param name="Detections">The objects, best first, in the picture's pixels.</param>
internal sealed record PictureDetections(string File, int Width, int Height, Detections Detections);

/// <summary>Writes <c>[{"file","width","height","detections":[{"class","name","score","box":[x1,y1,x2,y2]}]}]</c>, a picture a line;
/// numbers have as many digits as bring the same float32 back.</summary>
internal static class DetectionsJson {
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file, all or nothing.</summary>
    public static void Write(string path, IReadOnlyList<PictureDetections> pictures, IReadOnlyList<string> classes) =>
        WholeFile.Write(path, file => {
            file.Write("["u8);
            for (int i = 0; i < pictures.Count; i++) {
                file.Write(i == 0 ? "\n"u8 : ",\n"u8);
                using var json = new Utf8JsonWriter(file, Plain);
                Write(json, pictures[i], classes);
            }
            file.Write("\n]\n"u8);
        }, (message, cause) => new DatasetException(message, cause));

    private static void Write(Utf8JsonWriter json, PictureDetections picture, IReadOnlyList<string> classes) {
        json.WriteStartObject();
        json.WriteString("file", picture.File);
        json.WriteNumber("width", picture.Width);
        json.WriteNumber("height", picture.Height);
        json.WriteStartArray("detections");
        foreach (Detection found in picture.Detections) {
            json.WriteStartObject();
            json.WriteNumber("class", found.Label);
            json.WriteString("name", classes[found.Label]);
            json.WriteNumber("score", found.Score);
            json.WriteStartArray("box");
            foreach (float edge in (ReadOnlySpan<float>)[found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2])
                json.WriteNumberValue(edge);
            json.WriteEndArray();
            foreach ((string name, float[] numbers) in found.Properties ?? new Dictionary<string, float[]>()) {
                json.WriteStartArray(name);
                foreach (float number in numbers) json.WriteNumberValue(float.IsFinite(number) ? number : 0);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
