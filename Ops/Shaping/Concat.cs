namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>Tensors one after the other along an axis; all other axes agree. Any rank, float32 or int32.</summary>
    /// <exception cref="ShapeException">None is given, or one's shape or type does not fit the first's.</exception>
    public static Tensor Concat(IReadOnlyList<Tensor> inputs, int axis) {
        Check.That(inputs.Count > 0, $"Concat: no input was given.");
        Tensor first = inputs[0];
        axis = first.Shape.Axis(axis);
        for (int i = 1; i < inputs.Count; i++) {
            Tensor x = inputs[i];
            Check.Type("Concat", $"input {i}", x, first.DType);
            Check.That(x.Shape.Rank == first.Shape.Rank && x.Shape.With(axis, 0) == first.Shape.With(axis, 0),
                $"Concat: input {i} has shape {x.Shape}; all but axis {axis} must equal input 0, {first.Shape}.");
        }
        Device device = Check.SameDevice("Concat", [.. inputs]);
        int[] sizes = [.. inputs.Select(x => x.Shape[axis])];
        var y = new Tensor(device, first.Shape.With(axis, sizes.Sum()), first.DType);
        int at = 0;
        foreach (Tensor x in inputs) {
            CopySlice(y, x, axis, at, 1, intoSlice: true);
            at += x.Shape[axis];
        }
        return Tape.Record(y, [.. inputs], [], (dy, saved) => {
            var gradients = new Tensor?[sizes.Length];
            for (int i = 0, start = 0; i < sizes.Length; start += sizes[i++])
                if (saved.Needs(i)) gradients[i] = Sliced(dy, axis, start, sizes[i], 1);
            return gradients;
        });
    }
}
