using DenseEngine.Ops;

namespace DenseEngine.Models;

public abstract partial class Detector {
    private const int TruthSizes = 6;

    /// <summary>Does once what calls for pictures of a size do, so that later ones compile, load and pack nothing: a detection in a grey
    /// picture; in training mode the losses of one, and their gradients. Neither weights, gradients, statistics nor random numbers are
    /// other than before. On a device this loads its kernels, which takes seconds; it returns when all is done.</summary>
    /// <param name="width">Columns of the pictures to come.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pictures">How many there will be in a batch.</param>
    /// <param name="cancel">Ends the call within an operation's time.</param>
    /// <exception cref="ImageException">There are no such pictures.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed before the call.</exception>
    public void WarmUp(int width, int height, int pictures = 1, CancellationToken cancel = default) {
        if (width < 1 || height < 1 || pictures < 1 || 3L * width * height > Array.MaxLength) throw new ImageException(
            $"WarmUp: {pictures} pictures of {width}×{height} pixels; at least one of 1×1 is needed, and at most {Array.MaxLength} bytes.");
        using var use = new Use(this);
        using var cancellation = new CancelScope(cancel);
        byte[] grey = new byte[3 * width * height];
        Array.Fill(grey, (byte)128);
        Picture[] batch = [.. Enumerable.Repeat(new Picture(width, height, grey), pictures)];
        if (IsTraining) WarmUpTraining(batch);
        else All(batch, cancel);
        (Device as GpuDevice)?.Synchronize();
    }

    /// <summary>A fresh detector of the same parts, on the same device.</summary>
    private protected virtual Detector Another() => Build(config);

    /// <summary>In another detector of the same kind: this one's statistics and gradients stay as they are.</summary>
    private void WarmUpTraining(Picture[] pictures) {
        using var scope = new TensorScope();
        using Detector other = Another();
        other.To(Device);
        other.Train();
        (Tensor batch, ImageInfo[] images) = config.Input.Prepare(pictures, Device);
        GroundTruth[] truths = [.. images.Select(image => {
            // Of every size, so that all levels have something to learn.
            Box[] boxes = [.. Enumerable.Range(0, TruthSizes).Select(i => new Box(0, 0, image.Width >> i, image.Height >> i))];
            return new GroundTruth(boxes, new int[TruthSizes]);
        })];
        LossTerm.Total(other.Losses(batch, images, truths, TorchChoice.For(0, 0))).Backward();
        foreach ((_, Parameter parameter) in other.Parameters()) {
            parameter.Value.Grad?.Dispose();
            parameter.Value.Grad = null;
        }
    }
}
