using ILGPU;

namespace DenseEngine.Ops;

/// <summary>Four channels of the pixels around a <see cref="DeformSpot"/>, zero off the map. Nothing waits between their loads.</summary>
internal struct FourCorners {
    public Float4 UpperLeft, UpperRight, LowerLeft, LowerRight;

    /// <summary>From the upper left one's place, the steps to its right and below, and which there are.</summary>
    public static FourCorners Load(ArrayView<float> x, int corner, int right, int below, int corners) {
        ArrayView<Float4> values = x.Cast<Float4>();
        FourCorners result = default;
        if ((corners & 1) != 0) result.UpperLeft = values[corner >> 2];
        if ((corners & 2) != 0) result.UpperRight = values[(corner + right) >> 2];
        if ((corners & 4) != 0) result.LowerLeft = values[(corner + below) >> 2];
        if ((corners & 8) != 0) result.LowerRight = values[(corner + below + right) >> 2];
        return result;
    }
}
