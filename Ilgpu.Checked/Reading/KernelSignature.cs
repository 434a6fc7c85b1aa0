using System.Reflection;
using System.Runtime.CompilerServices;

namespace ILGPU.Checking;

/// <summary>What a kernel may look like from outside.</summary>
internal static class KernelSignature {
    /// <summary>The parameters, beside the index, that ILGPU's launchers take.</summary>
    private const int MostParameters = 14;

    /// <summary>Why a method cannot be a kernel; null if it can.</summary>
    public static string? Refusal(MethodInfo root, bool perIndex) {
        if (!root.IsStatic) return "a kernel must be a static method, not a lambda or an instance method";
        ParameterInfo[] parameters = root.GetParameters();
        bool index = parameters.Length > 0 && IsIndex(parameters[0].ParameterType);
        if (perIndex && !index) return "the first parameter of a kernel run per index must be an Index1D, Index2D or Index3D";
        if (!perIndex && index) return "a kernel with groups of its own takes no index: it asks Grid and Group";
        if (parameters.Length - (index ? 1 : 0) > MostParameters)
            return $"{parameters.Length} parameters, where ILGPU's launchers take {MostParameters}; put numbers in a struct";
        foreach (ParameterInfo parameter in parameters) {
            if (Hidden(parameter.ParameterType) is { } hidden) return
                $"parameter '{parameter.Name}': ILGPU's launchers cannot see {hidden}; make it public, or internal and visible to ILGPURuntime";
            if (Narrow(parameter.ParameterType) is { } narrow)
                return $"parameter '{parameter.Name}' holds a {narrow}, whose size differs between host and device; use an int";
        }
        return null;
    }

    public static bool IsIndex(Type type) => type == typeof(Index1D) || type == typeof(Index2D) || type == typeof(Index3D);

    /// <summary>The type in a parameter's that ILGPU's generated launchers, which are an assembly of their own, cannot see; null if they
    /// see all.</summary>
    private static string? Hidden(Type type) {
        foreach (Type argument in type.GetGenericArguments())
            if (Hidden(argument) is { } hidden) return hidden;
        bool friend = type.Assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
            .Any(visible => visible.AssemblyName.Split(',')[0] == "ILGPURuntime");
        for (Type? at = type; at is not null; at = at.DeclaringType) {
            bool seen = at.IsNested ? at.IsNestedPublic || friend && (at.IsNestedAssembly || at.IsNestedFamORAssem) : at.IsPublic || friend;
            if (!seen) return at.Name;
        }
        return null;
    }

    private static string? Narrow(Type type) {
        if (type == typeof(bool) || type == typeof(char)) return type.Name;
        if (type.IsPrimitive || type.IsEnum || KernelRules.IsIlgpu(type.Assembly)) return null;
        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => Narrow(field.FieldType)).FirstOrDefault(narrow => narrow is not null);
    }
}
