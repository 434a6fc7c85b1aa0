using System.Reflection;

namespace DenseEngine.Tests;

/// <summary>What an assembly offers: each public type and member as a line of text. A type's inherited members count as its own, so that
/// it does not matter in which base type another assembly has them.</summary>
internal static class PublicSurface {
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.FlattenHierarchy;

    public static SortedSet<string> Of(params Assembly[] assemblies) => new(
        from assembly in assemblies
        from type in assembly.GetExportedTypes()
        from line in Lines(type)
        select line, StringComparer.Ordinal);

    private static IEnumerable<string> Lines(Type type) {
        string name = Name(type);
        yield return $"{(type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : "class")} {name}";
        foreach (MemberInfo member in type.GetMembers(Everything)) {
            if (IsSystem(member.DeclaringType!)) continue;
            if (member is MethodInfo method && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)) {
                string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Constrained))}>" : "";
                yield return $"{name}.{method.Name}{generic}({Parameters(method)}): {Name(method.ReturnType)}{(method.IsStatic ? " static" : "")}";
            } else if (member is ConstructorInfo { IsStatic: false } constructor && (constructor.IsPublic || constructor.IsFamily)) {
                yield return $"{name}({Parameters(constructor)})";
            } else if (member is FieldInfo { IsPublic: true } field) {
                string value = field.IsLiteral && type.IsEnum ? $" = {Convert.ToInt64(field.GetRawConstantValue(), null)}" : "";
                yield return $"{name}.{field.Name}: {Name(field.FieldType)}{value}";
            }
        }
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(
        parameter => (parameter.IsOut ? "out " : "") + Name(parameter.ParameterType)));

    /// <summary>A type parameter with what it must be.</summary>
    private static string Constrained(Type parameter) {
        GenericParameterAttributes attributes = parameter.GenericParameterAttributes;
        bool isStruct = (attributes & GenericParameterAttributes.NotNullableValueTypeConstraint) != 0;
        bool unmanaged = parameter.GetCustomAttributesData().Any(a => a.AttributeType.Name == "IsUnmanagedAttribute");
        string[] needs = [.. new[] { unmanaged ? "unmanaged" : isStruct ? "struct" : "" }.Where(need => need.Length > 0),
            .. parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Name)
                .Order(StringComparer.Ordinal)];
        return needs.Length == 0 ? parameter.Name : $"{parameter.Name}: {string.Join(" & ", needs)}";
    }

    private static string Name(Type type) {
        if (type.IsGenericParameter) return type.Name;
        if (type.IsByRef) return $"ref {Name(type.GetElementType()!)}";
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        string name = type.Name.Split('`')[0], outer = type.IsNested ? Name(type.DeclaringType!).Split('<')[0] + "+" : "";
        string plain = IsSystem(type) || type.IsNested ? name : $"{type.Namespace}.{name}";
        return outer + plain + (type.IsGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : "");
    }

    private static bool IsSystem(Type type) => type.Assembly.GetName().Name is { } name
        && name.StartsWith("System", StringComparison.Ordinal);
}
