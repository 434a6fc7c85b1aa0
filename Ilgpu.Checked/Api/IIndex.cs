namespace ILGPU;

/// <summary>An extent or index in one to three dimensions.</summary>
public interface IIndex {
    /// <summary>The number of elements of an extent of these sizes.</summary>
    long Size { get; }
}
