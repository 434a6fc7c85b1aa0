using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ILGPU.Checking;

/// <summary>Turns a place in IL into a line of source, from the portable PDB beside or inside the assembly; only when a fault is
/// thrown.</summary>
internal static class KernelSites {
    private static readonly ConcurrentDictionary<Assembly, MetadataReader?> Symbols = new();

    /// <summary>The symbols of an assembly, if it has any.</summary>
    public static MetadataReader? SymbolsOf(Assembly assembly) => Symbols.GetOrAdd(assembly, Open);

    /// <summary>File, line and method.</summary>
    public static string Describe(MethodBase method, int offset) => $"{Line(method, offset)} ({method.DeclaringType?.Name}.{method.Name})";

    /// <summary>File and line; the byte of IL where there are no symbols.</summary>
    public static string Line(MethodBase method, int offset) {
        if (SymbolsOf(method.Module.Assembly) is not { } reader) return $"IL_{offset:x4}";
        var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
        MethodDebugInformation information = reader.GetMethodDebugInformation(handle);
        SequencePoint? best = null;
        foreach (SequencePoint point in information.GetSequencePoints())
            if (!point.IsHidden && (best is null || point.Offset <= offset)) best = point;
        if (best is not { } found) return $"IL_{offset:x4}";
        string file = Path.GetFileName(reader.GetString(reader.GetDocument(found.Document).Name));
        return $"{file}:{found.StartLine}";
    }

    /// <summary>The name of the variable that takes what a call gives; null if none does, or without symbols.</summary>
    public static string? VariableSetAfter(MethodBase method, int offset) {
        if (Symbols.GetOrAdd(method.Module.Assembly, Open) is not { } reader) return null;
        List<RawInstruction> code = ILDecoder.Decode(method, method.GetMethodBody()!.GetILAsByteArray()!);
        int next = code.FindIndex(instruction => instruction.Offset > offset);
        while (next >= 0 && code[next].Operand is MethodInfo { Name: "op_Implicit" }) next++;
        if (next < 0 || !code[next].Op.Name!.StartsWith("stloc", StringComparison.Ordinal)) return null;
        int slot = code[next].Operand is int number ? number : code[next].Op.Name![^1] - '0', after = code[next + 1].Offset;
        foreach (LocalScopeHandle scope in reader.GetLocalScopes((MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken))) {
            LocalScope lines = reader.GetLocalScope(scope);
            if (after < lines.StartOffset || after >= lines.EndOffset) continue;
            foreach (LocalVariableHandle handle in lines.GetLocalVariables())
                if (reader.GetLocalVariable(handle) is { Index: var index, Name: var name } && index == slot) return reader.GetString(name);
        }
        return null;
    }

    private static MetadataReader? Open(Assembly assembly) {
        try {
            string image = assembly.Location, pdb = Path.ChangeExtension(image, ".pdb");
            if (image.Length == 0) return null;
            if (File.Exists(pdb)) return MetadataReaderProvider.FromPortablePdbStream(
                new MemoryStream(File.ReadAllBytes(pdb))).GetMetadataReader();
            using var reader = new PEReader(new MemoryStream(File.ReadAllBytes(image)));
            DebugDirectoryEntry embedded = reader.ReadDebugDirectory().FirstOrDefault(
                entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
            return embedded.DataSize == 0 ? null : reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded).GetMetadataReader();
        } catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException) {
            return null;   // a message without a line is better than none
        }
    }
}
