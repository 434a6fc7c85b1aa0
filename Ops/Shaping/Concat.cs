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
            Check.That(x.DType == first.DType,
                $"Concat: input {i} needs elements of type {first.DType} but has {x.DType} (shape {x.Shape}).");
            Check.That(x.Shape.Rank == first.Shape.Rank && x.Shape.With(axis, 0) == first.Shape.With(axis, 0),
                $"Concat: input {i} has shape {x.Shape}; all but axis {axis} must equal input 0, {first.Shape}.");
        }
        Tensor[] all = [.. inputs];
        int length = 0;
        foreach (Tensor x in all) length += x.Shape[axis];
        var y = new Tensor(Check.SameDevice("Concat", all), first.Shape.With(axis, length), first.DType);
        int at = 0;
        foreach (Tensor x in all) {
            CopySlice(y, x, axis, at, 1, intoSlice: true);
            at += x.Shape[axis];
        }
        return Tape.Wants(all) ? RecordConcat(y, all, axis) : y;
    }

    private static Tensor RecordConcat(Tensor y, Tensor[] inputs, int axis) {
        int[] sizes = [.. inputs.Select(x => x.Shape[axis])];
        return Tape.Record(y, inputs, [], (dy, saved) => {
            var gradients = new Tensor?[sizes.Length];
            for (int i = 0, start = 0; i < sizes.Length; start += sizes[i++])
                if (saved.Needs(i)) gradients[i] = Sliced(dy, axis, start, sizes[i], 1);
            return gradients;
        });
    }
}
