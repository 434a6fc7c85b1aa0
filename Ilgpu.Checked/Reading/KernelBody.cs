using System.Reflection;

namespace ILGPU.Checking;

/// <summary>A place in the code that a kernel is made of.</summary>
/// <param name="Method">The method.</param>
/// <param name="Offset">The byte of its IL.</param>
/// <param name="Caller">The place of the call that led there; -1 in the kernel itself.</param>
internal readonly record struct KernelSite(MethodBase Method, int Offset, int Caller);

/// <summary>A kernel's code with all that it calls inlined.</summary>
internal sealed class KernelBody(MethodInfo root, bool perIndex) {
    public MethodInfo Root { get; } = root;

    /// <summary>Whether it is run for each index of an extent, in groups that it does not know.</summary>
    public bool PerIndex { get; } = perIndex;

    public List<Instruction> Code { get; } = [];

    /// <summary>The types of the locals; the first are the parameters.</summary>
    public List<Type> Locals { get; } = [];

    public int Parameters { get; set; }

    /// <summary>Where each checked instruction comes from.</summary>
    public List<KernelSite> Sites { get; } = [];

    /// <summary>The shared memory that its allocations take.</summary>
    public SharedLayout Shared { get; set; } = SharedLayout.None;

    /// <summary>The calls by which threads wait for each other.</summary>
    public IEnumerable<Instruction> Waits =>
        Code.Where(i => i is { Before: not null, Operand: MethodBase called } && KernelCalls.Wait(called) is not null);

    /// <summary>Those by which they only wait, or wait and vote or take one thread's value; not the shuffles.</summary>
    public IEnumerable<Instruction> Barriers => Waits.Where(i => KernelCalls.Wait((MethodBase)i.Operand!) != WaitKind.WarpExchange);

    /// <summary>The line and method of a place.</summary>
    public string Where(int site) => KernelSites.Describe(Sites[site].Method, Sites[site].Offset);

    public string Line(int site) => KernelSites.Line(Sites[site].Method, Sites[site].Offset);

    /// <summary>The calls that lead to a place, and its line: <c>Kernel -> Helper -> Math.Clamp at Relu.cs:12</c>.</summary>
    public string Path(int site, MethodBase? called = null) {
        var names = new List<string>();
        if (called is not null) names.Add(Name(called));
        for (int at = site; at >= 0; at = Sites[at].Caller) names.Add(Name(Sites[at].Method));
        names.Reverse();
        return $"{string.Join(" -> ", names)} at {Line(site)}";
    }

    public InternalCompilerException Refuse(string what, int site, MethodBase? called = null) =>
        new($"kernel {Root.DeclaringType?.Name}.{Root.Name} is refused: {what}, in {Path(site, called)}");

    /// <summary>A method as the source has it; with its type, unless that is the kernel's.</summary>
    private string Name(MethodBase method) {
        string name = method.Name;
        int local = name.IndexOf(">g__", StringComparison.Ordinal);
        if (local >= 0) name = name[(local + 4)..name.IndexOf('|', StringComparison.Ordinal)];
        if (method.DeclaringType is not { } type || type == Root.DeclaringType) return name;
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return $"{(arity < 0 ? type.Name : type.Name[..arity])}.{name}";
    }
}
