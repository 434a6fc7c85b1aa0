namespace ILGPU;

/// <summary>The distance between neighbours in a one-dimensional view.</summary>
public interface IStride1D {
    /// <summary>The distance.</summary>
    int XStride { get; }
}

/// <summary>The strides of one-dimensional views.</summary>
public static class Stride1D {
    /// <summary>Neighbours touch.</summary>
    public readonly struct Dense : IStride1D {
        /// <inheritdoc/>
        public int XStride => 1;
    }
}
