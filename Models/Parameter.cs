using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>How a tensor's axes stand in PyTorch's state dictionaries, seen from here.</summary>
public enum StateLayout {
    /// <summary>The same order.</summary>
    Same,

    /// <summary>A convolution's weight: [O,KH,KW,I] here, [O,I,KH,KW] there.</summary>
    Convolution,

    /// <summary>The weight of a fully connected layer on whole maps: [O,KH,KW,I] here, [O,I·KH·KW] there.</summary>
    Flattened,
}

/// <summary>A tensor of a module's state. It lives as long as its module, outside all scopes.</summary>
public abstract class StateTensor : IDisposable {
    private protected StateTensor(Tensor value, StateLayout layout) => (Value, Layout) = (value.Persist(), layout);

    /// <summary>The values.</summary>
    public Tensor Value { get; private set; }

    /// <summary>How PyTorch orders its axes.</summary>
    public StateLayout Layout { get; }

    /// <summary>Its shape in PyTorch's state.</summary>
    public Shape TorchShape => Layout switch {
        StateLayout.Same => Value.Shape,
        StateLayout.Flattened => [Value.Shape[0], Value.Count / Value.Shape[0]],
        _ => ChannelsFirst,
    };

    private Shape ChannelsFirst => [Value.Shape[0], Value.Shape[3], Value.Shape[1], Value.Shape[2]];

    /// <summary>A copy with PyTorch's order of axes.</summary>
    public Tensor ToTorch() {
        using var noGrad = new NoGrad();
        if (Layout != StateLayout.Same) return Op.Reshape(Op.Permute(Value, 0, 3, 1, 2), TorchShape.ToArray());
        var copy = new Tensor(Value.Device, Value.Shape, Value.DType);
        Value.Device.Copy(Value, copy);
        return copy;
    }

    /// <summary>Takes values in PyTorch's order of axes, from any device.</summary>
    public void FromTorch(Tensor source) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        Tensor ours = InOurOrder(source).To(Value.Device);
        Value.Device.Copy(ours, Value);
        Value.MarkChanged();
    }

    /// <summary>Takes values that a file has, in PyTorch's order of axes: read when they are needed. Until then they take no memory, and
    /// packing them for a convolution does not keep them.</summary>
    internal void FromTorchLater(CheckpointFile file, string name) {
        (bool trains, bool same) = (Value.RequiresGrad, Layout == StateLayout.Same || Value.Shape[1] * Value.Shape[2] == 1);
        Value.Dispose();
        Value = Tensor.Later(Value.Shape, target => {
            if (same) {
                file.Read(name, target);
                return;
            }
            using var scope = new TensorScope();
            target.Device.Copy(InOurOrder(file.Read(name)), target);
        }).Persist();
        Value.RequiresGrad = trains;
    }

    private Tensor InOurOrder(Tensor source) => Layout == StateLayout.Same ? source
        : Op.Permute(Op.Reshape(source, ChannelsFirst.ToArray()), 0, 2, 3, 1);

    /// <summary>Sets all elements.</summary>
    public void Fill(float value) {
        Value.Device.Fill(Value, value);
        Value.MarkChanged();
    }

    /// <summary>Frees the values and their gradient.</summary>
    public void Dispose() {
        Value.Grad?.Dispose();
        Value.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void Move(Device device) {
        if (Value.Device == device) return;
        Tensor moved = Value.To(device).Persist();
        moved.RequiresGrad = Value.RequiresGrad;
        Dispose();
        Value = moved;
    }
}

/// <summary>A tensor that training changes.</summary>
public sealed class Parameter : StateTensor {
    /// <summary>A parameter of equal values.</summary>
    /// <param name="shape">Its shape in here.</param>
    /// <param name="value">The value of all elements.</param>
    /// <param name="layout">How PyTorch orders its axes.</param>
    public Parameter(Shape shape, float value = 0, StateLayout layout = StateLayout.Same) : base(Make(shape, value), layout) =>
        Trains = true;

    private static Tensor Make(Shape shape, float value) {
        ParameterBudget.Take(shape);
        return Tensor.Later(shape, target => target.Device.Fill(target, value));
    }

    /// <summary>Whether training changes it.</summary>
    public bool Trains {
        get => Value.RequiresGrad;
        set => Value.RequiresGrad = value;
    }
}

/// <summary>A tensor of the state that no gradient changes: running statistics, constants.</summary>
public sealed class StateBuffer(Tensor value) : StateTensor(value, StateLayout.Same);
