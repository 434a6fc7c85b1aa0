using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace ILGPU.Checking;

/// <summary>What ILGPU refuses in kernels, or compiles to something else than C# means.</summary>
internal static class KernelRules {
    /// <summary>Library methods that compile well on ILGPU 1.5.3. Everything else of the base library is compiled from whatever code the
    /// running .NET has, so that an update can break it.</summary>
    private static readonly Dictionary<string, string> Allowed = new() {
        [nameof(MathF)] = "Abs Max Min Floor Ceiling Truncate Sqrt Exp Log Sin Cos Tanh",
        [nameof(Math)] = "Abs Max Min Floor Ceiling Truncate Sqrt",
        [nameof(Single)] = "IsNaN IsInfinity IsFinite",
        [nameof(Double)] = "IsNaN IsInfinity IsFinite",
        [nameof(BitConverter)] = "SingleToInt32Bits Int32BitsToSingle",
        ["BitOperations"] = "PopCount LeadingZeroCount TrailingZeroCount",
    };

    private static readonly HashSet<string> KernelTypes = [
        "Group", "Grid", "Warp", "SharedMemory", "Atomic", "Interop", "MemoryFence", "XMath", "Index1D", "Index2D", "Index3D",
            "LongIndex1D",
        "ArrayView`1", "ArrayView1D`2",
    ];

    /// <summary>Whether a method is of the base library or of this one: called as it is, not inlined.</summary>
    public static bool IsForeign(MethodBase method) {
        Assembly assembly = method.DeclaringType!.Assembly;
        return assembly == typeof(KernelRules).Assembly || assembly.GetName().Name is { } name
            && (name == "mscorlib" || name.StartsWith("System.", StringComparison.Ordinal));
    }

    public static string? Refusal(MethodBase method) {
        Type type = method.DeclaringType!;
        if (type.Assembly == typeof(KernelRules).Assembly) {
            if (type == typeof(Atomic) && method.GetParameters()[^1].ParameterType is { } value
                && (value == typeof(float) || value == typeof(double)))
                return $"float atomic: Atomic.{method.Name} on {value.Name} gives results that depend on the order of threads";
            if (type.Name == "ArrayViewExtensions" && method.Name == "AsAligned") return null;
            return KernelTypes.Contains(type.Name) ? null : $"a call of {type.Name}.{method.Name}, which is for the host";
        }
        if (type.IsGenericType && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)) return null;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Nullable<>)) return null;
        if (Allowed.TryGetValue(type.Name, out string? names) && names.Split(' ').Contains(method.Name)) return null;
        return $"a call of {type.Name}.{method.Name}, which is not on the list of library methods for kernels";
    }

    public static string? Refusal(OpCode op) {
        string name = op.Name!;
        return name switch {
            "throw" or "rethrow" => "throw: kernels have no exceptions (a switch expression without a default has a hidden one)",
            "leave" or "leave.s" or "endfinally" or "endfilter" => "try, using or lock: kernels have no exceptions",
            "box" or "unbox" or "unbox.any" or "isinst" or "castclass" or "ldnull" => $"{name}: kernels have no objects",
            "ldstr" => "a string",
            "ldftn" or "ldvirtftn" or "calli" => "a lambda, delegate or function pointer",
            "stsfld" or "ldsflda" => "a static field that is not constant",
            "localloc" => "stackalloc or a span",
            "newarr" or "ldelema" or "ldlen" => "an array: use named variables or a struct's fields",
            "ckfinite" or "jmp" or "arglist" or "mkrefany" or "refanytype" or "refanyval" or "ldtoken" or "cpobj" or "cpblk" or "initblk"
                or "tail." => name,
            "volatile." or "unaligned." => $"{name}: no such access on devices",
            _ when name.Contains(".ovf", StringComparison.Ordinal) => "checked arithmetic: devices drop the check without a word",
            _ when name.StartsWith("ldelem", StringComparison.Ordinal) || name.StartsWith("stelem", StringComparison.Ordinal) =>
                "an array: use named variables or a struct's fields",
            _ => null,
        };
    }

    /// <summary>The method that a call through a type parameter means: explicit, static abstract and default static members too.</summary>
    public static MethodInfo? Implementation(Type type, MethodInfo method) {
        Type? declaring = method.DeclaringType;
        if (declaring is not { IsInterface: true }) return method.DeclaringType == type ? method : null;
        MethodInfo definition = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        InterfaceMapping map = type.GetInterfaceMap(declaring);
        int found = Array.IndexOf(map.InterfaceMethods, definition);
        MethodInfo? target = found < 0 ? null : map.TargetMethods[found];
        if (target is null or { IsAbstract: true } || !target.IsStatic && target.DeclaringType != type) return null;
        return method.IsGenericMethod ? target.MakeGenericMethod(method.GetGenericArguments()) : target;
    }

    /// <summary>The type in a parameter's that ILGPU's generated launchers, which are an assembly of their own, cannot see; null if they
    /// see all.</summary>
    public static string? Hidden(Type type) {
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

    /// <summary>The size of a value in memory.</summary>
    public static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(
        null, null)!;
}
