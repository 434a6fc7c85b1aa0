namespace DenseEngine.Ops;

public static partial class Op {
    /// <summary>a where the condition (int32) is not 0, otherwise b, elementwise. All three broadcast as in NumPy. The gradient goes to the
    /// chosen operand alone, summed over repeated axes.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast, or the condition does not hold integers.</exception>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b) {
        const string name = nameof(Where);
        Check.Type(name, "condition", condition, DType.Int32);
        Check.Type(name, "a", a, DType.Float32);
        Check.Type(name, "b", b, DType.Float32);
        Device device = Check.SameDevice(name, condition, a, b);
        Shape shape = BroadcastGeometry.Result(name, BroadcastGeometry.Result(name, a.Shape, b.Shape), condition.Shape);
        (Shape shapeA, Shape shapeB) = (a.Shape, b.Shape);
        Tensor y = Choose(device, shape, condition, a, b);
        return Tape.Record(y, [a, b], [condition], (dy, saved) => {
            Tensor zero = Tensor.Scalar(0, device);
            return [
                saved.Needs(0) ? SumTo(Choose(device, shape, saved[0], dy, zero), shapeA) : null,
                saved.Needs(1) ? SumTo(Choose(device, shape, saved[0], zero, dy), shapeB) : null,
            ];
        });
    }

    private static Tensor Choose(Device device, Shape shape, Tensor condition, Tensor a, Tensor b) {
        var y = new Tensor(device, shape);
        Run(device, host => ChooseHost(host, y, condition, a, b), gpu => ChooseGpu(gpu, y, condition, a, b));
        return y;
    }

    private static unsafe void ChooseHost(HostDevice host, Tensor y, Tensor condition, Tensor a, Tensor b) {
        // Two walks over the same result: one for the operands, one for the condition.
        BroadcastGeometry values = new(y.Shape, a.Shape, b.Shape), conditions = new(y.Shape, condition.Shape, condition.Shape);
        int* chosen = condition.IntPointer;
        float* result = y.Pointer, left = a.Pointer, right = b.Pointer;
        host.Workers.ForRange(y.Count, ElementwiseGrain, (start, end) => {
            for (int i = start; i < end; i++) {
                (int row, int column) = Math.DivRem(i, values.Inner);
                (int conditionRow, int conditionColumn) = Math.DivRem(i, conditions.Inner);
                bool first = chosen[conditions.OffsetA(conditionRow) + conditionColumn * conditions.StepA] != 0;
                result[i] = first ? left[values.OffsetA(row) + column * values.StepA] : right[values.OffsetB(row) + column * values.StepB];
            }
        });
    }
}
