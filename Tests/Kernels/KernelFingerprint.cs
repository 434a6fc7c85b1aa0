using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using ILGPU.Checking;

namespace DenseEngine.Tests;

/// <summary>Says whether a kernel is still the one that was compiled: a hash of the text of all methods that it reaches, the constants in
/// their code, and the fields of its parameters. The same in Debug and Release, and with either ILGPU.</summary>
internal static class KernelFingerprint {
    public static string Of(LaunchedKernel kernel) {
        KernelBody body = KernelReader.Read(kernel.Method, kernel.PerIndex);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Parts(body)))))[..12];
    }

    /// <summary>What the hash is of, a line a part.</summary>
    public static IEnumerable<string> Parts(KernelBody body) => [
        .. body.Sites.Select(site => site.Method).Distinct()
            .Select(method => $"{method.DeclaringType} {method}: {KernelSource.Text(method)}").Order(StringComparer.Ordinal),
        string.Join(' ', body.Code.Where(IsConstant)
            .Select(instruction => string.Create(CultureInfo.InvariantCulture, $"{instruction.Operand}"))
            .Distinct().Order(StringComparer.Ordinal)),
        .. body.Locals.Take(body.Parameters).SelectMany(Fields),
    ];

    /// <summary>But 0 and 1, with which Debug code spells out conditions.</summary>
    private static bool IsConstant(Instruction instruction) =>
        instruction.Op.Name!.StartsWith("ldc.", StringComparison.Ordinal) && instruction.Operand is not (0 or 1);

    private static IEnumerable<string> Fields(Type type) {
        if (type.Namespace?.StartsWith(nameof(DenseEngine), StringComparison.Ordinal) != true)
            return type.GetGenericArguments().SelectMany(Fields);
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        return [.. fields.Select(field => $"{type}.{field.Name}: {field.FieldType}"),
            .. fields.SelectMany(field => Fields(field.FieldType))];
    }
}
