using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>Several tensors as one row of numbers, so that one download fetches them all.</summary>
public static class FlatTensors {
    /// <summary>All elements, tensor after tensor [sum of counts].</summary>
    public static Tensor Join(IReadOnlyList<Tensor> tensors) =>
        Op.Concat([.. tensors.Select(tensor => Op.Reshape(tensor, tensor.Count))], 0);

    /// <summary>What each of some tensors holds; a device is waited for once.</summary>
    public static float[][] Download(IReadOnlyList<Tensor> tensors) {
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        return Split(Join(tensors).ToArray(), [[.. tensors.Select(tensor => tensor.Count)]])[0];
    }

    /// <summary>The numbers of each tensor, by lists of counts.</summary>
    internal static float[][][] Split(float[] values, int[][] counts) {
        int from = 0;
        return Array.ConvertAll(counts, some => Array.ConvertAll(some, count => values[from..(from += count)]));
    }
}
