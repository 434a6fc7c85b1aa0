using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using ILGPU.Algorithms;

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

    public const string Throw = "K1: throw: kernels have no exceptions (a switch expression without a default has a hidden one)";

    private static readonly HashSet<string> KernelTypes = [
        "Group", "Grid", "Warp", "SharedMemory", "Atomic", "Interop", "MemoryFence", "XMath", "Index1D", "Index2D", "Index3D",
            "LongIndex1D",
        "ArrayView`1", "ArrayView1D`2", "Input`1", "Output`1", "Ref`1",
    ];

    /// <summary>The class of ILGPU's that takes instructions as literals.</summary>
    public const string CudaAsm = "CudaAsm";

    /// <summary>Whether an assembly is ILGPU: the real one or the checking one.</summary>
    public static bool IsIlgpu(Assembly assembly) => assembly == typeof(ArrayView<>).Assembly || assembly == typeof(XMath).Assembly;

    /// <summary>Whether a method is of the base library or of ILGPU: called as it is, not inlined.</summary>
    public static bool IsForeign(MethodBase method) {
        Assembly assembly = method.DeclaringType!.Assembly;
        return IsIlgpu(assembly) || IsSystem(assembly);
    }

    private static bool IsSystem(Assembly assembly) => assembly.GetName().Name is { } name
        && (name == "mscorlib" || name.StartsWith("System.", StringComparison.Ordinal));

    /// <summary>Why no variable can have a type.</summary>
    public static string? Refusal(Type type) {
        if (type.IsByRefLike || type.IsPointer) return $"K6: a variable of type {type.Name}: no stackalloc, spans or pointers";
        if (type.Name.Contains("<>c__DisplayClass", StringComparison.Ordinal))
            return "K12: a local function that uses its method's variables; make it static";
        if (type == typeof(nint) || type == typeof(nuint)) return $"K13: a variable of type {type.Name}";
        if (type.IsArray) return "K7: an array: use named variables or a struct's fields";
        if (!type.IsValueType) return $"K2: a variable of type {type.Name}: kernels hold plain values only";
        if (type.IsPrimitive || type.IsEnum || IsIlgpu(type.Assembly)) return null;
        if (IsSystem(type.Assembly) && !IsTuple(type))
            return $"K9: a variable of type {type.Name}, which is not on the list of library types for kernels";
        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => Refusal(field.FieldType)).FirstOrDefault(refusal => refusal is not null);
    }

    private static bool IsTuple(Type type) => type.IsGenericType
        && (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
            || type.GetGenericTypeDefinition() == typeof(Nullable<>));

    public static string? Refusal(MethodBase method) {
        Type type = method.DeclaringType!;
        if (IsIlgpu(type.Assembly)) {
            if (type == typeof(Atomic) && method.GetParameters()[^1].ParameterType is { } value
                && (value == typeof(float) || value == typeof(double)))
                return $"float atomic: Atomic.{method.Name} on {value.Name} gives results that depend on the order of threads";
            if (type.Name == "ArrayViewExtensions" && method.Name == "AsAligned") return null;
            return KernelTypes.Contains(type.Name) ? null : $"K9: a call of {type.Name}.{method.Name}, which is for the host";
        }
        if (IsTuple(type)) return null;
        if (Allowed.TryGetValue(type.Name, out string? names) && names.Split(' ').Contains(method.Name)) return null;
        return $"K9: a call of {type.Name}.{method.Name}, which is not on the list of library methods for kernels";
    }

    public static string? Refusal(OpCode op) {
        string name = op.Name!;
        return name switch {
            "throw" or "rethrow" => Throw,
            "leave" or "leave.s" or "endfinally" or "endfilter" => "K1: try, using or lock: kernels have no exceptions",
            "box" or "unbox" or "unbox.any" or "isinst" or "castclass" or "ldnull" => $"K2: {name}: kernels have no objects",
            "ldstr" => "K2: a string",
            "ldftn" or "ldvirtftn" or "calli" => "K3: a lambda, delegate or function pointer",
            "stsfld" or "ldsflda" => "K4: a static field that is not constant",
            "localloc" => "K6: stackalloc or a span",
            "newarr" or "ldelema" or "ldlen" => "K7: an array: use named variables or a struct's fields",
            "ckfinite" => "K8: ckfinite",
            "conv.i" or "conv.u" => "K13: an integer of the processor's width; use int or long",
            "cpblk" or "initblk" => $"K6: {name}",
            "jmp" or "arglist" or "mkrefany" or "refanytype" or "refanyval" or "ldtoken" or "cpobj" or "tail." => name,
            "volatile." or "unaligned." => $"{name}: no such access on devices",
            _ when name.Contains(".ovf", StringComparison.Ordinal) => "K8: checked arithmetic: devices drop the check without a word",
            _ when name.StartsWith("ldelem", StringComparison.Ordinal) || name.StartsWith("stelem", StringComparison.Ordinal) =>
                "K7: an array: use named variables or a struct's fields",
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

    /// <summary>The size of a value in memory.</summary>
    public static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(
        null, null)!;
}
