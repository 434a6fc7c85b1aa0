using System.Text.Json;

namespace DenseEngine.Training;

/// <summary>Writes a run's progress to a file, one JSON object a line; a resumed run goes on in the same file.</summary>
public sealed class TrainingLog : IDisposable {
    private readonly StreamWriter writer;

    /// <summary>Opens the file at its end.</summary>
    /// <exception cref="TrainingException">It cannot be written.</exception>
    public TrainingLog(string path) {
        try {
            writer = new StreamWriter(path, append: true) { AutoFlush = true };
        } catch (Exception e) when (e is IOException or UnauthorizedAccessException) {
            throw new TrainingException($"{path}: the log cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Notes where a run begins or goes on: the steps done, the device, and how exact its products are.</summary>
    public void Begin(long step, Device device) => Write(json => {
        json.WriteNumber("step", step);
        json.WriteString("device", device.Name);
        json.WriteString("precision", (device as GpuDevice)?.Precision switch {
            Precision.TensorFloat32 => "tf32",
            Precision.BFloat16 => "bf16",
            _ => "float32",
        });
    });

    /// <summary>Notes a step: number, epoch, rate, each term and their sum.</summary>
    public void Write(StepReport report) => Write(json => {
        json.WriteNumber("step", report.Step);
        json.WriteNumber("epoch", report.Epoch);
        json.WriteNumber("lr", report.LearningRate);
        foreach ((string name, float value) in report.Losses) json.WriteNumber(name, value);
        json.WriteNumber("loss", report.Total);
        if (report.GradientNorm is { } norm && double.IsFinite(norm)) json.WriteNumber("grad_norm", norm);
    });

    /// <summary>Notes an evaluation: the twelve figures.</summary>
    public void Write(long step, CocoFigures figures) => Write(json => {
        json.WriteNumber("step", step);
        json.WriteStartArray("bbox");
        foreach (double figure in figures.All) json.WriteNumberValue(figure);
        json.WriteEndArray();
    });

    /// <summary>Closes the file.</summary>
    public void Dispose() => writer.Dispose();

    private void Write(Action<Utf8JsonWriter> fields) {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line)) {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        writer.WriteLine(System.Text.Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
    }
}
