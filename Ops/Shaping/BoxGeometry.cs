namespace DenseEngine.Ops;

/// <summary>The same box of elements in two tensors, to be copied from one to the other: what slices, paddings, joins and permutations
/// come to. Axes that are neighbours in both are one; the innermost is the one along which the target has neighbours, the second that of
/// the source's. A run is the box's extent along the innermost. Shared by the host path and the kernels.</summary>
internal readonly struct BoxGeometry {
    /// <summary>Elements of the box, and of a run.</summary>
    public readonly int Count, Run;

    /// <summary>The distance of a run's elements in the source and in the target.</summary>
    public readonly int FromStep, ToStep;

    /// <summary>The second axis: its size and the distances along it.</summary>
    public readonly int Lines, FromLine, ToLine;

    private readonly int fromStart, toStart;
    private readonly int size2, size3, size4;
    private readonly int from2, from3, from4, from5, to2, to3, to4, to5;

    /// <summary>A box of the given sizes, which begins at a place in each tensor and has a distance along each axis in each.</summary>
    public BoxGeometry(ReadOnlySpan<int> sizes, int fromStart, ReadOnlySpan<int> fromSteps, int toStart, ReadOnlySpan<int> toSteps) {
        var axes = new List<(int Size, int From, int To)>(sizes.Length);
        for (int i = 0; i < sizes.Length; i++) {
            if (sizes[i] == 1) continue;
            if (axes.Count > 0 && axes[^1].From == fromSteps[i] * sizes[i] && axes[^1].To == toSteps[i] * sizes[i])
                axes[^1] = (axes[^1].Size * sizes[i], fromSteps[i], toSteps[i]);
            else axes.Add((sizes[i], fromSteps[i], toSteps[i]));
        }
        axes.Reverse();
        ToFront(axes, 0, axes.FindIndex(axis => axis.To == 1));
        ToFront(axes, 1, axes.FindIndex(axis => axis.From == 1));
        (int Size, int From, int To) Axis(int i) => i < axes.Count ? axes[i] : (1, 0, 0);
        Count = 1;
        foreach (int size in sizes) Count *= size;
        (this.fromStart, this.toStart) = (fromStart, toStart);
        (Run, FromStep, ToStep) = Axis(0);
        (Lines, FromLine, ToLine) = Axis(1);
        (size2, from2, to2) = Axis(2);
        (size3, from3, to3) = Axis(3);
        (size4, from4, to4) = Axis(4);
        (_, from5, to5) = Axis(5);
    }

    /// <summary>The box in units of four elements.</summary>
    private BoxGeometry(BoxGeometry box) {
        this = box;
        (Count, Run, fromStart, toStart) = (Count / 4, Run / 4, fromStart / 4, toStart / 4);
        (FromLine, from2, from3, from4, from5) = (FromLine / 4, from2 / 4, from3 / 4, from4 / 4, from5 / 4);
        (ToLine, to2, to3, to4, to5) = (ToLine / 4, to2 / 4, to3 / 4, to4 / 4, to5 / 4);
    }

    /// <summary>The number of runs.</summary>
    public int Runs => Count / Run;

    /// <summary>Whether neighbours in the target are neighbours in the source.</summary>
    public bool KeepsNeighbours => FromStep == 1 && ToStep == 1 || Run == 1;

    /// <summary>Where a run starts in either tensor.</summary>
    public (int From, int To) Start(int run) {
        int rest = run / Lines, i1 = run - rest * Lines;
        if (rest == 0) return (fromStart + i1 * FromLine, toStart + i1 * ToLine);
        int i2 = rest % size2;
        rest /= size2;
        int i3 = rest % size3;
        rest /= size3;
        int i4 = rest % size4, i5 = rest / size4;
        return (fromStart + i1 * FromLine + i2 * from2 + i3 * from3 + i4 * from4 + i5 * from5,
            toStart + i1 * ToLine + i2 * to2 + i3 * to3 + i4 * to4 + i5 * to5);
    }

    /// <summary>The box in units of four neighbours, where all of it is made of such.</summary>
    public bool TryQuads(out BoxGeometry quads) {
        bool whole = FromStep == 1 && ToStep == 1
            && (Run | fromStart | toStart | FromLine | ToLine | from2 | from3 | from4 | from5 | to2 | to3 | to4 | to5) % 4 == 0;
        quads = whole ? new BoxGeometry(this) : default;
        return whole;
    }

    private static void ToFront(List<(int Size, int From, int To)> axes, int place, int found) {
        if (found <= place) return;
        (int Size, int From, int To) axis = axes[found];
        axes.RemoveAt(found);
        axes.Insert(place, axis);
    }
}
