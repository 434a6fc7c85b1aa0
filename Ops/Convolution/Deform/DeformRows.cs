using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>The samples under moved windows as rows of a matrix that is never made whole: row = output pixel, number = (tap,
/// channel).</summary>
internal readonly unsafe struct DeformRows : IGemmRows {
    private readonly DeformGeometry deform;
    private readonly float* x, offset, mask, zeros;
    private readonly int firstChannel;
    private readonly bool blocks;

    /// <summary>Rows of a group.</summary>
    /// <param name="deform">The geometry.</param>
    /// <param name="x">The input.</param>
    /// <param name="offset">The offsets.</param>
    /// <param name="mask">The mask, if there is one.</param>
    /// <param name="group">The convolution's group.</param>
    /// <param name="zeros">A pixel of zeros.</param>
    public DeformRows(DeformGeometry deform, Tensor x, Tensor offset, Tensor? mask, int group, Tensor zeros) {
        this.deform = deform;
        firstChannel = group * deform.Conv.GroupChannels;
        this.x = x.Pointer;
        this.offset = offset.Pointer;
        this.mask = mask is null ? null : mask.Pointer;
        this.zeros = zeros.Pointer;
        blocks = deform.Conv.GroupChannels % GemmKernel.Block == 0 && deform.OffsetChannels % GemmKernel.Block == 0;
    }

    /// <inheritdoc/>
    public int Run => 0;

    /// <inheritdoc/>
    public bool Find(int first, int count, int from, int until, GemmStrip* strip) => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(float* target, nint blockStride, int first, int count, int from, int until, float* line) {
        int padded = Gemm.Align(until - from), gathered = 0;
        for (int i = 0; i < count; i++, target += GemmKernel.Block) {
            if (blocks) {
                Gather(first + i, from, until, target, blockStride);
                continue;
            }
            float* to = line + gathered * padded;
            Gather(first + i, from, until, to, GemmKernel.Block);
            for (int j = until - from; j < padded; j++) to[j] = 0;
            // Blocks are cut from several rows at once: a load that spans two stores waits for both to reach the cache.
            if (++gathered < IGemmRows.Lines && i + 1 < count) continue;
            for (int j = 0; j < gathered; j++)
                Copy.Blocks(line + j * padded, target - (gathered - 1 - j) * GemmKernel.Block, padded, blockStride);
            gathered = 0;
        }
    }

    /// <summary>Samples a piece of a row, a tap's channels that move together at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(int pixel, int from, int until, float* to, nint blockStride) {
        ref readonly ConvGeometry conv = ref deform.Conv;
        int channels = conv.GroupChannels, together = deform.OffsetChannels;
        int line = pixel / conv.OutputWidth, ox = pixel - line * conv.OutputWidth;
        int image = line / conv.OutputHeight, oy = line - image * conv.OutputHeight;
        for (int k = from; k < until;) {
            int tap = k / channels, channel = firstChannel + k - tap * channels;
            int count = Math.Min(Math.Min(until, (tap + 1) * channels) - k, (channel / together + 1) * together - channel);
            int sample = deform.Sample(pixel, channel, tap);
            DeformSpot spot = deform.Spot(oy, ox, tap, offset[2 * sample], offset[2 * sample + 1]);
            if (spot.Corners == 0) {
                Blend.Zero(to, blockStride, count);
            } else {
                float* corner = x + (((nint)image * conv.Height + spot.Y) * conv.Width + spot.X) * conv.Channels + channel;
                float scale = mask == null ? 1 : mask[sample];
                var blend = new Blend(
                    (spot.Corners & 1) != 0 ? corner : zeros,
                    (spot.Corners & 2) != 0 ? corner + conv.Channels : zeros,
                    (spot.Corners & 4) != 0 ? corner + (nint)conv.Width * conv.Channels : zeros,
                    (spot.Corners & 8) != 0 ? corner + ((nint)conv.Width + 1) * conv.Channels : zeros,
                    spot, scale);
                blend.Store(to, blockStride, count);
            }
            to += count / GemmKernel.Block * blockStride + count % GemmKernel.Block;
            k += count;
        }
    }
}
