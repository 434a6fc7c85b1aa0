using System.Reflection;

namespace DenseEngine.Tests;

/// <summary>A kernel that some code loads.</summary>
/// <param name="Method">The method, closed if generic.</param>
/// <param name="PerIndex">Whether it is run for each index of an extent.</param>
internal sealed record LaunchedKernel(MethodInfo Method, bool PerIndex) {
    /// <summary>The name, with its type arguments: <c>UnaryKernel&lt;ReluOp&gt;</c>.</summary>
    public string Name => WithArguments(Method.Name, Method.GetGenericArguments());

    private static string WithArguments(string name, Type[] arguments) => arguments.Length == 0 ? name
        : $"{name.Split('`')[0]}<{string.Join(", ", arguments.Select(type => WithArguments(type.Name, type.GetGenericArguments())))}>";
}
