using DenseEngine.Ops;

namespace DenseEngine.Models;

/// <summary>The nine places of a box that VarifocalNet looks at (H. Zhang et al., 2020, section 3.3): the cell's own, and the middles of
/// the edges and the corners.</summary>
internal static class Star {
    private const int Window = 3, Taps = Window * Window;

    /// <summary>The steps from a 3×3 window's taps to these places [N,h,w,18], down and across for each tap, in cells.</summary>
    /// <param name="distances">To the left, top, right and bottom edge [N,h,w,4], in pixels.</param>
    /// <param name="gradientMul">The share of the steps' gradient that the distances get.</param>
    /// <param name="stride">Pixels a cell.</param>
    public static Tensor Offsets(Tensor distances, float gradientMul, int stride) {
        // The sum as the original rounds it.
        Tensor cells = (distances.Detach() * (1 - gradientMul) + distances * gradientMul) / (float)stride;
        float[] weights = new float[2 * Taps * 4], bias = new float[2 * Taps];
        for (int tap = 0; tap < Taps; tap++) {
            Step(2 * tap, tap / Window - 1, before: 1, after: 3);
            Step(2 * tap + 1, tap % Window - 1, before: 0, after: 2);
        }
        return Op.Conv2d(cells, Tensor.From(weights, [2 * Taps, 1, 1, 4], cells.Device), Tensor.From(bias, [2 * Taps], cells.Device));

        void Step(int channel, int side, int before, int after) {
            bias[channel] = -side;
            if (side != 0) weights[4 * channel + (side < 0 ? before : after)] = side;
        }
    }
}
