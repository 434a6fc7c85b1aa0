namespace DenseEngine.Ops;

/// <summary>How the elements of an index tensor meet those of two others along an axis: of the picked one, in which the index replaces the
/// place along the axis, and of the plain one, in which it does not. A row is the index's last axis (one element where the axis itself is
/// the last); the axis is walked in steps for each row. Shared by the host path and the kernels.</summary>
internal readonly struct IndexGeometry {
    /// <summary>Rows, elements of a row, and steps along the axis.</summary>
    public readonly int Rows, RowLength, Steps;

    /// <summary>How many places the picked tensor has along the axis.</summary>
    public readonly int PickedSize;

    /// <summary>Distances along the axis in the index, the picked and the plain tensor.</summary>
    public readonly int IndexStep, PickedStep, PlainStep;

    private readonly int size0, size1, size2, size3;   // of the other axes, innermost first
    private readonly Strides ofIndex, ofPicked, ofPlain;

    private readonly struct Strides(int s0, int s1, int s2, int s3, int s4) {
        public int At(int i0, int i1, int i2, int i3, int i4) => i0 * s0 + i1 * s1 + i2 * s2 + i3 * s3 + i4 * s4;
    }

    /// <summary>The geometry of an index along an axis. Beside the axis, no size of the index is above the others'.</summary>
    public IndexGeometry(Shape index, Shape picked, Shape plain, int axis) {
        int last = index.Rank - 1;
        (Steps, PickedSize, RowLength) = (index[axis], picked[axis], axis == last ? 1 : index[last]);
        (IndexStep, PickedStep, PlainStep) = (index.Stride(axis), picked.Stride(axis), plain.Stride(axis));
        int[] others = [.. Enumerable.Range(0, last).Where(other => other != axis).Reverse()];
        Rows = others.Aggregate(1, (rows, other) => rows * index[other]);
        int Size(int i) => i < others.Length ? index[others[i]] : 1;
        (size0, size1, size2, size3) = (Size(0), Size(1), Size(2), Size(3));
        (ofIndex, ofPicked, ofPlain) = (Of(index, others), Of(picked, others), Of(plain, others));
    }

    private static Strides Of(Shape shape, int[] axes) {
        int Stride(int i) => i < axes.Length ? shape.Stride(axes[i]) : 0;
        return new(Stride(0), Stride(1), Stride(2), Stride(3), Stride(4));
    }

    /// <summary>Where an element of the index, counted by rows, then steps along the axis, then within the row, stands in the index, where
    /// the place 0 that it could pick in the picked, and where in the plain tensor.</summary>
    public (int Index, int Picked, int Plain) At(int number) {
        int row = number / (Steps * RowLength), rest = number - row * Steps * RowLength, step = rest / RowLength,
            i = rest - step * RowLength;
        (int atIndex, int atPicked, int atPlain) = Start(row);
        return (atIndex + step * IndexStep + i, atPicked + i, atPlain + step * PlainStep + i);
    }

    /// <summary>Where a row starts in the index, the picked and the plain tensor.</summary>
    public (int Index, int Picked, int Plain) Start(int row) {
        int rest = row / size0, i0 = row - rest * size0, i1 = rest % size1;
        rest /= size1;
        int i2 = rest % size2;
        rest /= size2;
        int i3 = rest % size3, i4 = rest / size3;
        return (ofIndex.At(i0, i1, i2, i3, i4), ofPicked.At(i0, i1, i2, i3, i4), ofPlain.At(i0, i1, i2, i3, i4));
    }
}
