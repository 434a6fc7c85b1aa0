namespace DenseEngine.Models;

public abstract partial class Detector {
    /// <summary>Pixels of input that go through the network at once: two pictures of 800×1344.</summary>
    private const int PixelsTogether = 1 << 21;

    private readonly Lock gate = new();
    private int running;
    private bool disposed;

    /// <summary>The objects in a picture file, in the picture's pixels, best first.</summary>
    /// <param name="path">The file; its content decides the format. Its EXIF orientation is applied.</param>
    /// <param name="cancel">Ends the call within an operation's time; the detector can be used on.</param>
    /// <exception cref="ImageException">The file is no picture, or a broken one.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed before the call.</exception>
    public Detections Detect(string path, CancellationToken cancel = default) {
        using var use = new Use(this);
        cancel.ThrowIfCancellationRequested();
        return All([Picture.Load(path)], cancel)[0];
    }

    /// <summary>The objects in a picture file that is read from a stream to its end.</summary>
    /// <inheritdoc cref="Detect(string, CancellationToken)"/>
    public Detections Detect(Stream stream, CancellationToken cancel = default) {
        using var use = new Use(this);
        cancel.ThrowIfCancellationRequested();
        return All([Picture.Load(stream)], cancel)[0];
    }

    /// <summary>The objects in a picture, in its own pixels, best first.</summary>
    /// <inheritdoc cref="Detect(string, CancellationToken)"/>
    public Detections Detect(Picture picture, CancellationToken cancel = default) => Detect([picture], cancel)[0];

    /// <summary>The objects in each of some pictures, in their own pixels, best first: on the host bit for bit what each alone would give,
    /// on a GPU but for rounding. Pictures whose inputs have the same size go through the network together, a bounded number at
    /// once.</summary>
    /// <inheritdoc cref="Detect(string, CancellationToken)"/>
    public IReadOnlyList<Detections> Detect(IReadOnlyList<Picture> pictures, CancellationToken cancel = default) {
        using var use = new Use(this);
        return All(pictures, cancel);
    }

    /// <summary>The objects in each picture of a batch, which need the detector in evaluation mode.</summary>
    /// <param name="batch">Normalised, padded pictures [N,H,W,3].</param>
    /// <param name="images">Their places in the batch.</param>
    /// <param name="rescale">Whether boxes are in pixels of the original pictures, else in the batch's.</param>
    /// <param name="cancel">Ends the call within an operation's time.</param>
    public IReadOnlyList<Detections> Detect(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale = true,
        CancellationToken cancel = default) {
        using var use = new Use(this);
        using var cancellation = new CancelScope(cancel);
        return Checked(batch, images, rescale);
    }

    private Detections[] All(IReadOnlyList<Picture> pictures, CancellationToken cancel) {
        using var cancellation = new CancelScope(cancel);
        CancelScope.ThrowIfCancelled();
        CheckMode();
        var found = new Detections[pictures.Count];
        // Padding to a common size would change the norms' statistics, and with them the boxes.
        foreach (var same in Enumerable.Range(0, pictures.Count).GroupBy(i => InputSize(pictures[i]))) {
            int together = Math.Max(1, PixelsTogether / (same.Key.Width * same.Key.Height));
            foreach (int[] chunk in same.Chunk(together)) {
                IReadOnlyList<Detections> results = DetectPictures([.. chunk.Select(i => pictures[i])]);
                for (int i = 0; i < chunk.Length; i++) found[chunk[i]] = results[i];
            }
        }
        return found;
    }

    /// <summary>The objects in pictures whose inputs have the same size, in their own pixels.</summary>
    private protected virtual IReadOnlyList<Detections> DetectPictures(IReadOnlyList<Picture> pictures) {
        using var scope = new TensorScope();
        (Tensor batch, ImageInfo[] images) = config.Input.Prepare(pictures, Device);
        return Checked(batch, images, rescale: true);
    }

    private void CheckMode() {
        if (IsTraining) throw new GraphException("Detect: the detector is in training mode; call Train(false) first.");
    }

    private IReadOnlyList<Detections> Checked(Tensor batch, IReadOnlyList<ImageInfo> images, bool rescale) {
        CheckBatch(batch, images);
        CheckMode();
        if (images.Count == 0) return [];
        using var scope = new TensorScope();
        using var noGrad = new NoGrad();
        return DetectBatch(batch, images, rescale);
    }

    /// <summary>The weights are freed as soon as no call runs any more.</summary>
    private protected override bool MayFree() {
        lock (gate) {
            bool first = !disposed;
            disposed = true;
            return first && running == 0;
        }
    }

    private protected override void Free() {
        base.Free();
        weights?.Dispose();
    }

    private (int Width, int Height) InputSize(Picture picture) {
        ImageInfo place = config.Input.Place(picture.Width, picture.Height);
        return (place.PaddedWidth, place.PaddedHeight);
    }

    /// <summary>A call in flight: the weights stay until it ends.</summary>
    private readonly ref struct Use {
        private readonly Detector detector;

        public Use(Detector detector) {
            lock (detector.gate) {
                ObjectDisposedException.ThrowIf(detector.disposed, detector);
                detector.running++;
            }
            this.detector = detector;
        }

        public void Dispose() {
            lock (detector.gate) {
                if (--detector.running > 0 || !detector.disposed) return;
            }
            detector.Free();
        }
    }
}
