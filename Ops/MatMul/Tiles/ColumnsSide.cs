using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A matrix stored transposed: the rows at an inner place are contiguous.</summary>
internal struct ColumnsSide(int rows, int pitch, int start, int batchStride) : ITileSide {
    /// <summary>1 where every inner place begins at a multiple of 16 bytes, and no load reaches beyond the rows.</summary>
    private readonly int vectors = ((rows | pitch | start | batchStride) & 3) == 0 ? 1 : 0;
    private int along, inner;

    public readonly bool AlongInner => false;

    public readonly int Vectors => vectors;

    /// <summary>With it how many rows there are from this one on.</summary>
    public readonly TileRow Row(int batch, int row) => new(start + batch * batchStride + row, rows - row);

    public void Go(int inner) {
        this.inner = inner;
        along = inner * pitch;
    }

    public readonly Float4 LoadFour(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.Top > 0 & inner < end) result = values.Cast<Float4>()[(row.At + along) >> 2];
        return result;
    }

    public readonly Float4 Load(ArrayView<float> values, TileRow row, int end) {
        Float4 result = default;
        if (row.Top > 0 && inner < end) {
            if (vectors != 0) result = values.Cast<Float4>()[(row.At + along) >> 2];
            else result = Float4.Guarded(values, row.At + along, row.Top);
        }
        return result;
    }

    public void Advance(int places) {
        inner += places;
        along += places * pitch;
    }
}
