using System.Text.Json;

namespace DenseEngine.Training;

/// <summary>Writes COCO files, each all or nothing.</summary>
public static class CocoWriter {
    /// <summary>Writes an annotation file.</summary>
    public static void WriteAnnotations(string path, IEnumerable<CocoImage> images, IEnumerable<CocoCategory> categories,
        IEnumerable<CocoAnnotation> annotations) => Write(path, json => {
            json.WriteStartObject();
            json.WriteStartArray("images");
            foreach (CocoImage image in images) {
                json.WriteStartObject();
                json.WriteNumber("id", image.Id);
                json.WriteString("file_name", image.FileName);
                json.WriteNumber("width", image.Width);
                json.WriteNumber("height", image.Height);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("categories");
            foreach (CocoCategory category in categories) {
                json.WriteStartObject();
                json.WriteNumber("id", category.Id);
                json.WriteString("name", category.Name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("annotations");
            foreach (CocoAnnotation annotation in annotations) {
                json.WriteStartObject();
                json.WriteNumber("id", annotation.Id);
                json.WriteNumber("image_id", annotation.ImageId);
                json.WriteNumber("category_id", annotation.CategoryId);
                WriteBox(json, annotation.X, annotation.Y, annotation.Width, annotation.Height);
                json.WriteNumber("area", annotation.Area);
                json.WriteNumber("iscrowd", annotation.IsCrowd ? 1 : 0);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary>Writes a results file.</summary>
    public static void WriteResults(string path, IEnumerable<CocoResult> results) => Write(path, json => {
        json.WriteStartArray();
        foreach (CocoResult result in results) {
            json.WriteStartObject();
            json.WriteNumber("image_id", result.ImageId);
            json.WriteNumber("category_id", result.CategoryId);
            WriteBox(json, result.X, result.Y, result.Width, result.Height);
            json.WriteNumber("score", result.Score);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static void WriteBox(Utf8JsonWriter json, params ReadOnlySpan<double> box) {
        json.WriteStartArray("bbox");
        foreach (double value in box) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void Write(string path, Action<Utf8JsonWriter> write) => WholeFile.Write(path, file => {
        using var json = new Utf8JsonWriter(file);
        write(json);
    }, (message, cause) => new DatasetException(message, cause));
}
