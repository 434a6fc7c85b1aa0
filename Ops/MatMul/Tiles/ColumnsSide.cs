using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A matrix stored transposed: the rows at an inner place are contiguous.</summary>
internal struct ColumnsSide(int rows, int pitch, int start, int batchStride) : ITileSide {
    /// <summary>1 where every inner place begins at a multiple of 16 bytes, and no load reaches beyond the rows.</summary>
    private readonly int vectors = ((rows | pitch | start | batchStride) & 3) == 0 ? 1 : 0;
    private int at, left, inner;

    public readonly bool AlongInner => false;

    public void Begin(int batch, int row, int inner) {
        at = start + batch * batchStride + inner * pitch + row;
        left = rows - row;
        this.inner = inner;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (left > 0 && inner < end) {
            if (vectors != 0) result = values.Cast<Float4>()[at >> 2];
            else result = Float4.Guarded(values, at, left);
        }
        at += Op.TileStep * pitch;
        inner += Op.TileStep;
        return result;
    }
}
