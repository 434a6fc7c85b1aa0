using System.Runtime.CompilerServices;

namespace DenseEngine.Ops;

/// <summary>The transformed weights of a 3×3 convolution, packed into panels of outputs for the product kernel: [outputs/width][36]
/// [inputs][width], an odd number of inputs filled up with zeros. Lives in the device's memory until disposed.</summary>
internal sealed unsafe class WinogradWeights : IDisposable {
    private const int Block = WinogradTransforms.Block, Points = WinogradTransforms.Points, Taps = 9;

    private readonly Tensor memory;

    private WinogradWeights(HostDevice host, GemmKernel kernel, int inputs, int outputs) {
        (Kernel, Inputs, Outputs) = (kernel, inputs, outputs);
        PaddedInputs = (inputs + 1) / 2 * 2;
        int columns = (outputs + kernel.Lanes - 1) / kernel.Lanes * kernel.Lanes;
        memory = new Tensor(host, [checked(Points * columns * PaddedInputs)]).Persist();
    }

    public GemmKernel Kernel { get; }

    /// <summary>Products summed for each point.</summary>
    public int Inputs { get; }

    /// <summary>Columns.</summary>
    public int Outputs { get; }

    /// <summary><see cref="Inputs"/> made even.</summary>
    public int PaddedInputs { get; }

    /// <summary>The panel that begins with an output, of [36][<see cref="PaddedInputs"/>][its width].</summary>
    public float* Panel(int output) => memory.Pointer + (nint)output * Points * PaddedInputs;

    /// <summary>Packs weight [O, 3, 3, C] for the convolution itself, each output's part by a factor if there are any.</summary>
    public static WinogradWeights Forward(HostDevice host, GemmKernel kernel, float* weight, int inputs, int outputs,
        float* scale = null) =>
        new WinogradWeights(host, kernel, inputs, outputs).Pack(host, scale, (output, count, input, some, taps) => {
            for (int i = 0; i < count; i++)
                for (int tap = 0; tap < Taps; tap++)
                    Turn(weight + ((nint)(output + i) * Taps + tap) * inputs + input, taps + tap * Block * Block + i, some);
        });

    /// <summary>Packs the same weight for the input's gradient, which is the convolution with the taps turned round and inputs and
    /// outputs exchanged.</summary>
    public static WinogradWeights Back(HostDevice host, GemmKernel kernel, float* weight, int inputs, int outputs) =>
        new WinogradWeights(host, kernel, outputs, inputs).Pack(host, null, (output, count, input, some, taps) => {
            for (int j = 0; j < some; j++)
                for (int tap = 0; tap < Taps; tap++)
                    Copy.Run(weight + ((nint)(input + j) * Taps + Taps - 1 - tap) * inputs + output, taps + (tap * Block + j) * Block, count);
        });

    public void Dispose() => memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(float* line, float* column, int count) {
        for (int j = 0; j < count; j++) column[j * Block] = line[j];
    }

    /// <summary>Fetches [9][16 inputs][16 outputs] of the weights into zeroed memory: outputs from the first on and how many, inputs
    /// likewise.</summary>
    private delegate void Fetch(int output, int outputs, int input, int inputs, float* taps);

    private WinogradWeights Pack(HostDevice host, float* scale, Fetch fetch) {
        int wide = 2 * Kernel.Lanes;
        host.Workers.For((Outputs + wide - 1) / wide, panel => {
            PackPanel(panel * wide, fetch);
            int width = Kernel.PanelWidth(Outputs - panel * wide), valid = Math.Min(width, Outputs - panel * wide);
            if (scale != null) GemmColumns.ScalePanel(Panel(panel * wide), Points * PaddedInputs, width, scale + panel * wide, valid);
        });
        return this;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackPanel(int first, Fetch fetch) {
        float* taps = stackalloc float[Taps * Block * Block], transformed = stackalloc float[Points * Block];
        int width = Kernel.PanelWidth(Outputs - first);
        nint pointStride = (nint)PaddedInputs * width;
        float* panel = Panel(first);
        for (int column = 0; column < width; column += Block) {
            int columns = Math.Min(Block, width - column), count = Math.Clamp(Outputs - first - column, 0, columns);
            for (int input = 0; input < PaddedInputs; input += Block) {
                int some = Math.Min(Block, Inputs - input), rows = Math.Min(Block, PaddedInputs - input);
                if (count < Block || some < Block) new Span<float>(taps, Taps * Block * Block).Clear();
                fetch(first + column, count, input, some, taps);
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
