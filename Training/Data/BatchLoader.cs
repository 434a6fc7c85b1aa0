using System.Collections.Concurrent;
using DenseEngine.Models;

namespace DenseEngine.Training;

/// <summary>A batch on its way into the network. Its owner disposes it.</summary>
/// <param name="Epoch">Which epoch it belongs to, from 0.</param>
/// <param name="Pixels">[N,H,W,3], normalised, padded with zeros.</param>
/// <param name="Images">Where each picture lies in it.</param>
/// <param name="Pictures">What is in it.</param>
public sealed record Batch(int Epoch, Tensor Pixels, IReadOnlyList<ImageInfo> Images, IReadOnlyList<PreparedPicture> Pictures)
    : IDisposable {
    /// <inheritdoc/>
    public void Dispose() => Pixels.Dispose();
}

/// <summary>Decodes and prepares batches on a thread of its own, ahead of the step. The order of an epoch and what happens to each
/// picture depend on seed, epoch and place alone, so any position can be started from. The last batch of an epoch may be smaller.</summary>
public sealed class BatchLoader : IDisposable {
    private const int Ahead = 4;
    private const long CacheBytes = 512L << 20;   // decoded pictures kept: small sets are decoded once

    private readonly IReadOnlyList<TrainingPicture> pictures;
    private readonly Augmentation augmentation;
    private readonly int batchSize;
    private readonly ulong seed;
    private readonly Device device;
    private readonly BlockingCollection<Batch> ready = new(Ahead);
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<long, Picture> cache = [];
    private readonly Thread thread;
    private long cachedBytes;
    private (int Epoch, int[] Pictures) order = (-1, []);
    private Exception? failure;

    /// <summary>Starts preparing.</summary>
    /// <param name="pictures">The set; at least one picture.</param>
    /// <param name="augmentation">What is done to each.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="seed">Decides order and augmentation.</param>
    /// <param name="firstStep">The step to begin with, counted over all epochs.</param>
    /// <param name="device">Where batches are made.</param>
    public BatchLoader(IReadOnlyList<TrainingPicture> pictures, Augmentation augmentation, int batchSize, ulong seed, long firstStep,
        Device device) {
        if (pictures.Count == 0) throw new DatasetException("There is no picture to train on.");
        (this.pictures, this.augmentation, this.batchSize, this.seed, this.device) = (pictures, augmentation, batchSize, seed, device);
        thread = new Thread(() => Produce(firstStep)) { IsBackground = true, Name = "DenseEngine loader" };
        thread.Start();
    }

    /// <summary>Batches in an epoch.</summary>
    public int StepsPerEpoch => StepsOf(pictures.Count, batchSize);

    /// <summary>Batches in an epoch of so many pictures.</summary>
    public static int StepsOf(int pictures, int batchSize) => (pictures + batchSize - 1) / batchSize;

    /// <summary>The next batch.</summary>
    /// <exception cref="ImageException">A picture cannot be read.</exception>
    public Batch Next(CancellationToken cancel) {
        try {
            return ready.Take(cancel);
        } catch (InvalidOperationException) {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure!);
            throw;
        }
    }

    /// <summary>Stops preparing and frees what was prepared.</summary>
    public void Dispose() {
        stop.Cancel();
        thread.Join();
        while (ready.TryTake(out Batch? batch)) batch.Dispose();
        ready.Dispose();
        stop.Dispose();
    }

    private void Produce(long step) {
        HostWorkers.LeaveToOthers();   // the step has them
        try {
            for (; ; step++) {
                Batch batch = Make(step);
                try {
                    ready.Add(batch, stop.Token);
                } catch (OperationCanceledException) {
                    batch.Dispose();
                    return;
                }
            }
        } catch (Exception e) {
            failure = e;
            ready.CompleteAdding();
        }
    }

    private Batch Make(long step) {
        int epoch = (int)(step / StepsPerEpoch), first = (int)(step % StepsPerEpoch) * batchSize;
        if (order.Epoch != epoch) order = (epoch, new Philox(seed, (ulong)epoch).Permutation(pictures.Count));
        var prepared = new PreparedPicture[Math.Min(batchSize, pictures.Count - first)];
        for (int i = 0; i < prepared.Length; i++) {
            TrainingPicture source = pictures[order.Pictures[first + i]];
            // Streams of epochs (order) and of single pictures (augmentation) must not meet.
            var random = new Philox(seed, 1UL << 63 | (ulong)epoch << 32 | (uint)(first + i));
            prepared[i] = augmentation.Prepare(source, Decode(source), random);
        }
        ImageInfo[] images = [.. prepared.Select(one => {
            (int paddedWidth, int paddedHeight) = Normalization.PaddedSize(one.Picture.Width, one.Picture.Height, augmentation.Divisor);
            return new ImageInfo(one.Picture.Width, one.Picture.Height, paddedWidth, paddedHeight);
        })];
        if (augmentation.PadTogether) {
            (int width, int height) = (images.Max(image => image.PaddedWidth), images.Max(image => image.PaddedHeight));
            images = Array.ConvertAll(images, image => image with { PaddedWidth = width, PaddedHeight = height });
        }
        return new Batch(epoch, Assemble(prepared, images), images, prepared);
    }

    private Picture Decode(TrainingPicture source) {
        if (cache.TryGetValue(source.Id, out Picture? picture)) return picture;
        picture = Picture.Load(source.Path);
        if ((cachedBytes += picture.Pixels.Length) <= CacheBytes) cache[source.Id] = picture;
        return picture;
    }

    private Tensor Assemble(PreparedPicture[] prepared, ImageInfo[] images) {
        int height = images.Max(image => image.PaddedHeight), width = images.Max(image => image.PaddedWidth), size = 3 * width * height;
        var pixels = new Tensor(HostDevice.Default, [prepared.Length, height, width, 3]);
        for (int i = 0; i < prepared.Length; i++)
            augmentation.Normalization.Write(prepared[i].Picture, pixels.Span.Slice(i * size, size), width, height);
        if (device is HostDevice) return pixels;
        using (pixels) return pixels.To(device);
    }
}
