using ILGPU;

namespace DenseEngine.Ops;

/// <summary>A matrix whose rows are contiguous.</summary>
internal struct RowsSide(int rows, int pitch, int start, int batchStride) : ITileSide {
    /// <summary>1 where every row begins at a multiple of 16 bytes.</summary>
    private readonly int vectors = ((pitch | start | batchStride) & 3) == 0 ? 1 : 0;
    private int at = -1, inner;

    public readonly bool AlongInner => true;

    public void Begin(int batch, int row, int inner) {
        at = row < rows ? start + batch * batchStride + row * pitch + inner : -1;
        this.inner = inner;
    }

    public Float4 Load(ArrayView<float> values, int end) {
        Float4 result = default;
        if (at < 0) return result;
        if (inner < end) {
            if (vectors != 0) result = values.Cast<Float4>()[at >> 2];
            else result = Float4.Guarded(values, at, end - inner);
        }
        at += Op.TileStep;
        inner += Op.TileStep;
        return result;
    }
}
