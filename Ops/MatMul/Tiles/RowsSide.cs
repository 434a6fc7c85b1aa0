using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A matrix whose rows are contiguous.</summary>
internal struct RowsSide(int rows, int pitch, int start, int batchStride) : ITileSide {
    /// <summary>1 where every row begins at a multiple of 16 bytes.</summary>
    private readonly int vectors = ((pitch | start | batchStride) & 3) == 0 ? 1 : 0;
    private int inner;

    public readonly bool AlongInner => true;

    public readonly int Vectors => vectors;

    /// <summary>A row beyond the matrix is said by -1.</summary>
    public readonly TileRow Row(int batch, int row) => new(row < rows ? start + batch * batchStride + row * pitch : -1);

    public void Go(int inner) => this.inner = inner;

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.At >= 0 & inner < end) result = values.Cast<Float4>()[(row.At + inner) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.At >= 0 && inner < end) {
            if (vectors != 0) result = values.Cast<Float4>()[(row.At + inner) >> 2];
            else result = Float4.Guarded(values, row.At + inner, end - inner);
        }
        return result;
    }

    public void Advance(int places) => inner += places;
}
