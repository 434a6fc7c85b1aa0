using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DenseEngine.Models;

namespace DenseEngine.Tests;

/// <summary>Configurations in Python's notation: sound ones to be damaged, and what is read of them in a form that confirm.py
/// knows.</summary>
internal static class ConfigTexts {
    /// <summary>Names may repeat values, so that what is told must end.</summary>
    private const int LongestTold = 100_000;

    private static readonly string[] Published = ["gfl/gfl_r50_fpn_1x_coco", "gfl/gfl_r101_fpn_dconv_c3-c5_mstrain_2x_coco",
        "ld/ld_r18_gflv1_r101_fpn_coco_1x", "atss/atss_r50_fpn_1x_coco",
            "fcos/fcos_center-normbbox-centeronreg-giou_r50_caffe_fpn_gn-head_1x_coco",
        "retinanet/retinanet_r50_fpn_1x_coco", "faster_rcnn/faster_rcnn_r50_fpn_1x_coco",
            "cornernet/cornernet_hourglass104_mstest_8x6_210e_coco"];

    /// <summary>Pieces of such a text.</summary>
    public static byte[][] Words { get; } =
        Mutator.Texts("dict(", ")", "[", "]", "{", "}", "(", ",", "a=1", "None", "True", "-", "+", "*", "**", "//", "%",
        "/", "1", "0", "2", "0x1F", "0o7", "1_000", "1e3", "1e999", ".5", "1.", "'''", "\"\"\"", "'", "\"", "r'\\d'", "b'x'", "f'{x}'",
            "\\", "\\n", "\\x41",
        "\\u00e9", "\\N{DASH}", "#", "=", "==", ":", ";", "\n", "\r", "\t", "\f", " ", "lambda: 0", "__import__('os')", "_base_ = 'x.py'",
            "model",
        "99999999999999999999", "9223372036854775807", "float('inf')", "inf", "nan", "(((((((((", "del ", "if ", "in ", "not ", "and 1",
            ".x", "*a", "1j");

    /// <summary>Configurations of networks that are supported, of mmdetection 2.x and 3.x.</summary>
    public static IEnumerable<byte[]> Networks() => [
        Text("detectors/gfl_r18/checkpoint.pth", "meta/config"), Text("detectors/gfl_r18_mmdet3/checkpoint.pth", "meta/cfg"),
    ];

    /// <summary>Ten texts: those that mmdetection 2.x wrote into checkpoints of the fixtures, and published configurations, written
    /// so.</summary>
    public static IEnumerable<byte[]> Sound() {
        yield return Text("checkpoints/nested_zip.pth", "meta/config");
        yield return Text("detectors/gfl_r18/checkpoint.pth", "meta/config");
        using var packed = new GZipStream(File.OpenRead(FuzzTarget.Fixture("configs.json.gz")), CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(packed);
        foreach (string name in Published) {
            var text = new StringBuilder();
            foreach (JsonProperty field in document.RootElement.GetProperty("configs").GetProperty(name).EnumerateObject()) {
                text.Append(field.Name).Append(" = ");
                Write(text, field.Value, name.Length % 2 == 0);
                text.Append('\n');
            }
            yield return Encoding.UTF8.GetBytes(text.ToString());
        }
    }

    /// <summary>Reads a text, each byte a character.</summary>
    public static string Read(byte[] file) {
        PythonDict names = PythonConfig.Parse(Encoding.Latin1.GetString(file));
        var told = new StringBuilder();
        foreach (PythonEntry entry in names.Entries.OrderBy(entry => entry.Key.Text, StringComparer.Ordinal)) {
            Tell(told, entry.Key);
            Tell(told, entry.Value);
        }
        if (told.Length > LongestTold) told.Length = LongestTold;
        return told.ToString();
    }

    /// <summary>Reads the network and its settings, each byte a character; nothing is told of them.</summary>
    public static string ReadNetwork(byte[] file) {
        MmdetConfig.Read(Encoding.Latin1.GetString(file));
        return "";
    }

    private static byte[] Text(string file, string path) {
        using CheckpointFile checkpoint = CheckpointFile.Open(FuzzTarget.Fixture(file));
        return Encoding.UTF8.GetBytes(checkpoint.Text(path)!);
    }

    private static void Write(StringBuilder text, JsonElement value, bool braces) {
        switch (value.ValueKind) {
            case JsonValueKind.Object:
                text.Append(braces ? "{" : "dict(");
                foreach (JsonProperty field in value.EnumerateObject()) {
                    text.Append(CultureInfo.InvariantCulture, $"{(braces ? $"'{field.Name}': " : $"{field.Name}=")}");
                    Write(text, field.Value, braces);
                    text.Append(",\n    ");
                }
                text.Append(braces ? "}" : ")");
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray()) {
                    Write(text, item, braces);
                    text.Append(", ");
                }
                text.Append(']');
                break;
            case JsonValueKind.String: text.Append('\'').Append(value.GetString()).Append('\''); break;
            case JsonValueKind.Number: text.Append(value.GetRawText()); break;
            default: text.Append(value.ValueKind == JsonValueKind.Null ? "None" : value.GetBoolean() ? "True" : "False"); break;
        }
    }

    private static void Tell(StringBuilder told, PythonKey key) {
        if (key.IsInt) told.Append('i').Append(key.Text).Append(';');
        else Tell(told, key.Text);
    }

    private static void Tell(StringBuilder told, string text) =>
        told.Append('s').Append(Convert.ToHexStringLower(MemoryMarshal.AsBytes(text.AsSpan()))).Append(';');

    private static void Tell(StringBuilder told, PythonValue value) {
        if (told.Length > LongestTold) return;
        switch (value) {
            case PythonBool truth: told.Append(truth.Value ? 'T' : 'F'); break;
            case PythonInt number: told.Append(CultureInfo.InvariantCulture, $"i{number.Value};"); break;
            case PythonFloat number:
                told.Append(double.IsNaN(number.Value) ? "nan;" : $"f{BitConverter.DoubleToInt64Bits(number.Value):x16};");
                break;
            case PythonText text: Tell(told, text.Value); break;
            case PythonList list:
                told.Append(list.IsTuple ? '(' : '[');
                foreach (PythonValue item in list.Items) Tell(told, item);
                told.Append(list.IsTuple ? ')' : ']');
                break;
            case PythonDict dict:
                told.Append('{');
                foreach (PythonEntry entry in dict.Entries) {
                    Tell(told, entry.Key);
                    Tell(told, entry.Value);
                }
                told.Append('}');
                break;
            default: told.Append('N'); break;
        }
    }
}
