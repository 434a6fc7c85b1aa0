using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Checking;

namespace DenseEngine.Tests;

/// <summary>Finds kernels by where they are launched: in whatever code calls one of ILGPU's loaders. Generic code is followed from its
/// callers, so that kernels come out closed, one for each type they are used with.</summary>
internal sealed class KernelSearch {
    private readonly HashSet<Assembly> assemblies;
    private readonly Func<Type, bool> scope;
    private readonly HashSet<MethodBase> seen = [];
    private readonly HashSet<(Module, int)> visited = [];
    private readonly Queue<MethodBase> work = [];
    private readonly HashSet<LaunchedKernel> kernels = [];
    private readonly List<string> problems = [];

    private KernelSearch(Assembly[] assemblies, Func<Type, bool> scope) => (this.assemblies, this.scope) = ([.. assemblies], scope);

    /// <summary>The kernels launched by the code of some assemblies, by name; problems are launches whose kernel cannot be told.</summary>
    public static (IReadOnlyList<LaunchedKernel> Kernels, IReadOnlyList<string> Problems) In(params Assembly[] assemblies) =>
        new KernelSearch(assemblies, _ => true).Run();

    /// <summary>The kernels launched by one class.</summary>
    public static (IReadOnlyList<LaunchedKernel> Kernels, IReadOnlyList<string> Problems) In(Type type) =>
        new KernelSearch([type.Assembly], candidate => candidate == type || candidate.DeclaringType == type).Run();

    private (IReadOnlyList<LaunchedKernel>, IReadOnlyList<string>) Run() {
        Type[] types = [.. assemblies.SelectMany(assembly => assembly.GetTypes()).Where(scope)];
        foreach (Type type in types.Where(type => !type.ContainsGenericParameters)) EnqueueAll(type);
        while (work.TryDequeue(out MethodBase? method)) Visit(method);
        problems.AddRange(from type in types
                          from method in Methods(type)
                          where method.ContainsGenericParameters && !visited.Contains((method.Module, method.MetadataToken))
                              && Decode(method).Any(IsLoader)
                          select $"{KernelSites.Describe(method, 0)} loads a kernel but is called from nowhere, so that its types are unknown");
        return ([.. kernels.OrderBy(kernel => kernel.Name, StringComparer.Ordinal)], problems);
    }

    private void Visit(MethodBase method) {
        visited.Add((method.Module, method.MetadataToken));
        List<RawInstruction> code = Decode(method);
        foreach (RawInstruction instruction in code) {
            switch (instruction.Operand) {
                case MethodBase called when called.DeclaringType is { } type && assemblies.Contains(type.Assembly):
                    if (type.IsGenericType && !type.ContainsGenericParameters) EnqueueAll(type);
                    if (called.IsGenericMethod) Enqueue(called);
                    break;
                case Type { IsGenericType: true, ContainsGenericParameters: false } type when assemblies.Contains(type.Assembly):
                    EnqueueAll(type);
                    break;
            }
        }
        int before = 0;
        for (int i = 0; i < code.Count; i++) {
            if (!IsLoader(code[i])) continue;
            Load(method, code[before..i], code[i]);
            before = i;
        }
    }

    /// <summary>A loader's kernel is the method that a delegate of its parameter's type is made of, in the same body, after the loader
    /// before.</summary>
    private void Load(MethodBase method, List<RawInstruction> code, RawInstruction load) {
        var loader = (MethodInfo)load.Operand!;
        Type wanted = loader.GetParameters().Select(parameter => parameter.ParameterType)
            .Single(type => type.FullName!.StartsWith("System.Action`", StringComparison.Ordinal));
        bool perIndex = !loader.Name.StartsWith("LoadStream", StringComparison.Ordinal) && loader.Name != "LoadKernel";
        int found = 0;
        for (int i = 0; i + 1 < code.Count; i++) {
            if (code[i].Op != OpCodes.Ldftn || (code[i + 1].Operand as ConstructorInfo)?.DeclaringType != wanted) continue;
            kernels.Add(new LaunchedKernel((MethodInfo)code[i].Operand!, perIndex));
            found++;
        }
        if (found == 0) problems.Add($"{KernelSites.Describe(method, load.Offset)} loads a kernel that is not named there");
    }

    private static bool IsLoader(RawInstruction instruction) =>
        instruction.Operand is MethodInfo { DeclaringType.Name: "KernelLoaders" } called
        && called.Name.StartsWith("Load", StringComparison.Ordinal) && called.Name.EndsWith("Kernel", StringComparison.Ordinal);

    private void EnqueueAll(Type type) {
        foreach (MethodBase method in Methods(type).Where(method => !method.ContainsGenericParameters)) Enqueue(method);
    }

    private void Enqueue(MethodBase method) {
        if (!method.ContainsGenericParameters && seen.Add(method)) work.Enqueue(method);
    }

    private static IEnumerable<MethodBase> Methods(Type type) {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
            | BindingFlags.DeclaredOnly;
        return type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all));
    }

    private static List<RawInstruction> Decode(MethodBase method) =>
        method.GetMethodBody()?.GetILAsByteArray() is { } il ? ILDecoder.Decode(method, il) : [];
}
