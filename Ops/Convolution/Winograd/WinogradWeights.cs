using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DenseEngine.Ops;

/// <summary>The transformed weights of a 3×3 convolution, packed into panels of outputs for the product kernel: [outputs/width][36]
/// [inputs][width], an odd number of inputs filled up with zeros, points an odd number of lines apart: even ones would meet in the same
/// sets of a cache. Lives in the device's memory until disposed.</summary>
internal sealed unsafe class WinogradWeights : IDisposable {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Taps = 9;

    /// <summary>Inputs of a panel that are an item of work.</summary>
    private const int PartInputs = 4 * Block;

    private readonly Tensor memory;

    private WinogradWeights(HostDevice host, GemmKernel kernel, int inputs, int outputs) {
        (Kernel, Inputs, Outputs) = (kernel, inputs, outputs);
        PaddedInputs = (inputs + 1) / 2 * 2;
        int wide = 2 * kernel.Lanes, rest = outputs % wide;
        nint size = outputs / wide * PointStride(wide) + (rest == 0 ? 0 : PointStride(kernel.PanelWidth(rest)));
        memory = new Tensor(host, [checked((int)(Points * size))]).Persist();
    }

    public GemmKernel Kernel { get; }

    /// <summary>Products summed for each point.</summary>
    public int Inputs { get; }

    /// <summary>Columns.</summary>
    public int Outputs { get; }

    /// <summary><see cref="Inputs"/> made even.</summary>
    public int PaddedInputs { get; }

    /// <summary>The panel that begins with an output, of [36][<see cref="PaddedInputs"/>][its width].</summary>
    public float* Panel(int output) => memory.Pointer + output / (2 * Kernel.Lanes) * Points * PointStride(2 * Kernel.Lanes);

    /// <summary>Distance between the points of a panel.</summary>
    public nint PointStride(int width) => ((PaddedInputs * width + Block - 1) / Block | 1) * Block;

    /// <summary>Packs weight [O, 3, 3, C] for the convolution itself, each output's part by a factor if there are any.</summary>
    public static WinogradWeights Forward(HostDevice host, GemmKernel kernel, float* weight, int inputs, int outputs,
        float* scale = null) => new WinogradWeights(host, kernel, inputs, outputs).Pack(host, scale, weight, back: false);

    /// <summary>Packs the same weight for the input's gradient, which is the convolution with the taps turned round and inputs and
    /// outputs exchanged.</summary>
    public static WinogradWeights Back(HostDevice host, GemmKernel kernel, float* weight, int inputs, int outputs) =>
        new WinogradWeights(host, kernel, outputs, inputs).Pack(host, null, weight, back: true);

    public void Dispose() => memory.Dispose();

    private WinogradWeights Pack(HostDevice host, float* scale, float* weight, bool back) {
        int wide = 2 * Kernel.Lanes, panels = (Outputs + wide - 1) / wide, parts = (Inputs + PartInputs - 1) / PartInputs;
        host.Workers.For(panels * parts, item => {
            int first = item / parts * wide, input = item % parts * PartInputs, end = Math.Min(PaddedInputs, input + PartInputs);
            PackPart(first, input, end, weight, back);
            if (scale == null) return;
            int width = Kernel.PanelWidth(Outputs - first), valid = Math.Min(width, Outputs - first);
            for (int point = 0; point < Points; point++)
                GemmColumns.ScalePanel(Panel(first) + point * PointStride(width) + (nint)input * width, end - input, width, scale + first,
                    valid);
        });
        return this;
    }

    /// <summary>Brings 16 inputs (rows) and 16 outputs (columns) of the weight, or fewer, into zeroed taps [9][16][16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bring(float* weight, int output, int outputs, int input, int inputs, float* taps) {
        float* from = weight + (nint)output * Taps * Inputs + input;
        for (int i = 0; i < outputs; i++) {
            for (int tap = 0; tap < Taps; tap++, from += Inputs) {
                if (Sse.IsSupported) Sse.Prefetch0(from + Block);
                float* to = taps + tap * Block * Block + i;
                for (int j = 0; j < inputs; j++) to[j * Block] = from[j];
            }
        }
    }

    /// <summary>The same for the input's gradient, whose inputs are the weight's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BringBack(float* weight, int output, int outputs, int input, int inputs, float* taps) {
        float* from = weight + (nint)input * Taps * Outputs + output;
        for (int j = 0; j < inputs; j++)
            for (int tap = Taps - 1; tap >= 0; tap--, from += Outputs) Copy.Run(from, taps + (tap * Block + j) * Block, outputs);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackPart(int first, int from, int end, float* weight, bool back) {
        float* taps = stackalloc float[Taps * Block * Block], transformed = stackalloc float[Points * Block];
        int width = Kernel.PanelWidth(Outputs - first);
        nint pointStride = PointStride(width);
        float* panel = Panel(first);
        for (int column = 0; column < width; column += Block) {
            int columns = Math.Min(Block, width - column), count = Math.Clamp(Outputs - first - column, 0, columns);
            for (int input = from; input < end; input += Block) {
                int some = Math.Min(Block, Inputs - input), rows = Math.Min(Block, end - input);
                if (count < Block || some < Block) new Span<float>(taps, Taps * Block * Block).Clear();
                if (back) BringBack(weight, first + column, count, input, some, taps);
                else Bring(weight, first + column, count, input, some, taps);
                for (int j = 0; j < rows; j++) {
                    float* to = panel + (nint)(input + j) * width + column;
                    if (columns == Block) {
                        WinogradTransforms.Weight(taps + j * Block, 3 * Block * Block, Block * Block, to, pointStride);
                    } else {
                        WinogradTransforms.Weight(taps + j * Block, 3 * Block * Block, Block * Block, transformed, Block);
                        for (int point = 0; point < Points; point++)
                            Copy.Run(transformed + point * Block, to + point * pointStride, columns);
                    }
                }
            }
        }
    }
}
