using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Text;
using System.Text.RegularExpressions;
using ILGPU.Checking;

namespace DenseEngine.Tests;

/// <summary>The source text of methods, which the build puts into the symbols (<c>EmbedAllSources</c>): what a kernel is by, as its IL
/// differs between Debug and Release, and between compilers.</summary>
internal static partial class KernelSource {
    private static readonly Guid Embedded = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly Dictionary<(MetadataReader, DocumentHandle), (string Name, string[] Lines)> Documents = [];

    /// <summary>The file that a method stands in, as the build knew it.</summary>
    public static string File(MethodBase method) => Find(method, out _).Name;

    /// <summary>A method's statements without comments and blanks; nothing for what has no text, as a property that only keeps a
    /// value.</summary>
    public static string Text(MethodBase method) {
        (string _, string[] lines) = Find(method, out List<SequencePoint> points);
        List<SequencePoint> said = [.. points.Where(point => Cut(lines, point, point) is not ("{" or "}" or "get;" or "init;" or "set;"))];
        if (said.Count == 0) return "";
        SequencePoint first = said.MinBy(point => (point.StartLine, point.StartColumn)),
            last = said.MaxBy(point => (point.EndLine, point.EndColumn));
        return Blanks().Replace(Comments().Replace(Cut(lines, first, last), ""), "");
    }

    private static (string Name, string[] Lines) Find(MethodBase method, out List<SequencePoint> points) {
        MetadataReader symbols = KernelSites.SymbolsOf(method.Module.Assembly)
            ?? throw new InvalidOperationException($"{method.Module.Assembly.GetName().Name} has no symbols: kernels cannot be told apart.");
        var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
        MethodDebugInformation information = symbols.GetMethodDebugInformation(handle);
        points = [.. information.GetSequencePoints().Where(point => !point.IsHidden)];
        if (points.Count == 0) return ("", []);
        lock (Documents) {
            if (Documents.TryGetValue((symbols, points[0].Document), out var known)) return known;
            return Documents[(symbols, points[0].Document)] = Read(symbols, points[0].Document);
        }
    }

    private static (string Name, string[] Lines) Read(MetadataReader symbols, DocumentHandle handle) {
        string name = symbols.GetString(symbols.GetDocument(handle).Name);
        foreach (CustomDebugInformationHandle entry in symbols.GetCustomDebugInformation(handle)) {
            CustomDebugInformation information = symbols.GetCustomDebugInformation(entry);
            if (symbols.GetGuid(information.Kind) != Embedded) continue;
            byte[] blob = symbols.GetBlobBytes(information.Value);   // its length if compressed, else 0; then the text
            using Stream content = BitConverter.ToInt32(blob) == 0 ? new MemoryStream(blob, 4, blob.Length - 4)
                : new DeflateStream(new MemoryStream(blob, 4, blob.Length - 4), CompressionMode.Decompress);
            return (name, new StreamReader(content, Encoding.UTF8).ReadToEnd().ReplaceLineEndings("\n").Split('\n'));
        }
        throw new InvalidOperationException($"{name} is not embedded in its assembly's symbols.");
    }

    private static string Cut(string[] lines, SequencePoint from, SequencePoint to) {
        string text = string.Join('\n', lines[(from.StartLine - 1)..to.EndLine]);
        return text[(from.StartColumn - 1)..^(lines[to.EndLine - 1].Length - to.EndColumn + 1)];
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
