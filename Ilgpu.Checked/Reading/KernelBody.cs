using System.Reflection;

namespace ILGPU.Checking;

/// <summary>A kernel's code with all that it calls inlined.</summary>
internal sealed class KernelBody(MethodInfo root) {
    public MethodInfo Root { get; } = root;

    public List<Instruction> Code { get; } = [];

    /// <summary>The types of the locals; the first are the parameters.</summary>
    public List<Type> Locals { get; } = [];

    public int Parameters { get; set; }

    /// <summary>Where each checked instruction comes from.</summary>
    public List<(MethodBase Method, int Offset)> Sites { get; } = [];

    public string Where(int site) => KernelSites.Describe(Sites[site].Method, Sites[site].Offset);

    public InternalCompilerException Refuse(string what, int site) =>
        new($"kernel {Root.DeclaringType?.Name}.{Root.Name} is refused: {what}, at {Where(site)}");
}
