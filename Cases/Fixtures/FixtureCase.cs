using System.Text.Json;
using DenseEngine.Models;
using DenseEngine.Ops;

namespace DenseEngine.Cases;

/// <summary>One case of an operation's or a unit's fixture file:
/// attributes, inputs in PyTorch's layout, what is expected and how close.</summary>
internal sealed class FixtureCase {
    private readonly JsonElement json;
    private readonly CheckpointFile tensors;
    private readonly Dictionary<string, Tensor> leaves = [];
    private readonly Dictionary<string, Parameter> parameters = [];

    public FixtureCase(string name, JsonElement json, CheckpointFile tensors, Device device) {
        (Name, this.json, this.tensors, Device) = (name, json, tensors, device);
        foreach (string input in Names("inputs")) {
            Tensor leaf = tensors.Read($"{name}/in.{input}", device);
            leaf.RequiresGrad = Names("gradients").Contains(input);
            leaves[input] = leaf;
        }
    }

    public string Name { get; }

    public Device Device { get; }

    /// <summary>The operation's or unit's name.</summary>
    public string Subject => json.GetProperty(json.TryGetProperty("op", out _) ? "op" : "unit").GetString()!;

    public double Tolerance => json.GetProperty("tolerance").GetDouble();

    public IEnumerable<string> Outputs => Names("outputs").Except(Names("unspecified_outputs"));

    public IEnumerable<string> Gradients => Names("gradients");

    /// <summary>Whether the case has such a tensor.</summary>
    public bool Has(string tensor) => tensors.Contains($"{Name}/{tensor}");

    /// <summary>An input as it stands in the file.</summary>
    public Tensor Leaf(string input) => leaves[input];

    /// <summary>An input that may be absent.</summary>
    public Tensor? Optional(string input) => leaves.GetValueOrDefault(input);

    /// <summary>Gives a module the inputs that have its parameters' names: their gradients are its own.</summary>
    public T Load<T>(T module) where T : Module {
        module.To(Device);
        foreach ((string name, Parameter parameter) in module.Parameters()) {
            parameter.FromTorch(leaves[name]);
            parameters[name] = parameter;
        }
        return module;
    }

    /// <summary>The gradient of an input, in the file's layout; zero where nothing flowed to it.</summary>
    public Tensor Gradient(string input) {
        Tensor? found = parameters.TryGetValue(input, out Parameter? parameter) ? parameter.Value.Grad : leaves[input].Grad;
        if (found is null) return Tensor.Zeros(leaves[input].Shape, DType.Float32, Device);
        return parameter?.Layout == StateLayout.Convolution ? Nchw(found) : found;
    }

    /// <summary>An NCHW input as NHWC, inside the graph: its gradient comes back in the file's layout.</summary>
    public Tensor Nhwc(string input) => Op.Permute(leaves[input], 0, 2, 3, 1);

    /// <summary>A result from NHWC to the file's NCHW.</summary>
    public static Tensor Nchw(Tensor y) => Op.Permute(y, 0, 3, 1, 2);

    /// <summary>A convolution's weight from OIHW to OHWI.</summary>
    public Tensor Weight(string input) => Op.Permute(leaves[input], 0, 2, 3, 1);

    /// <summary>Whether an attribute is given: present and not null.</summary>
    public bool Given(string attribute) =>
        json.GetProperty("attributes").TryGetProperty(attribute, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>All attributes.</summary>
    public JsonElement Attributes => json.GetProperty("attributes");

    /// <summary>What a sampler's case recorded of each call.</summary>
    public JsonElement Calls => json.GetProperty("calls");

    public int Int(string attribute) => Attribute(attribute).GetInt32();

    public float Float(string attribute) => Attribute(attribute).GetSingle();

    public bool Bool(string attribute) => Attribute(attribute).GetBoolean();

    public string Text(string attribute) => Attribute(attribute).GetString()!;

    /// <summary>A list of whole numbers; a single number counts as a list of one, and one that is not given as null.</summary>
    public int[]? Ints(string attribute) => !Given(attribute) ? null
        : Attribute(attribute) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(each => each.GetInt32())] : [Int(attribute)];

    public float[] Floats(string attribute) => [.. Attribute(attribute).EnumerateArray().Select(each => each.GetSingle())];

    public JsonElement Attribute(string name) => json.GetProperty("attributes").GetProperty(name);

    public Tensor Read(string tensor) => tensors.Read($"{Name}/{tensor}", Device);

    /// <summary>The largest absolute error allowed of a tensor ("out.x", "grad.x");
    /// negative where it is relative to each element.</summary>
    public (double Absolute, double Relative) Allowed(string tensor, Tensor expected) {
        if (Names("relative").Contains(tensor)) return (1.2e-38, Tolerance);
        if (json.TryGetProperty("allowed", out JsonElement allowed) && allowed.TryGetProperty(tensor, out JsonElement value))
            return (value.GetDouble(), 0);
        double largest = 0;
        if (expected.DType == DType.Float32)
            foreach (float each in expected.ToArray()) if (float.IsFinite(each)) largest = Math.Max(largest, Math.Abs(each));
        return (Tolerance * largest, 0);
    }

    private IEnumerable<string> Names(string list) =>
        json.TryGetProperty(list, out JsonElement names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];
}
