namespace DenseEngine.Ops;

/// <summary>One axis of a resampling, worked out: output o is (1 - Weight[o]) times input First[o] plus Weight[o] times the next one.
/// As First never falls, the outputs that read an input are neighbours:
/// those with First equal to i run from Start[i] to Start[i+1].</summary>
internal sealed class ResizeTable {
    private ResizeTable(int[] first, float[] weight, int inputs) {
        (First, Weight, Start) = (first, weight, new int[inputs + 1]);
        for (int i = 0, o = 0; i <= inputs; i++) {
            while (o < first.Length && first[o] < i) o++;
            Start[i] = o;
        }
    }

    /// <summary>The input at or before each output.</summary>
    public int[] First { get; }

    /// <summary>How far each output lies beyond that input: 0 or more and below 1.</summary>
    public float[] Weight { get; }

    /// <summary>For each input the outputs that lie at or after it.</summary>
    public int[] Start { get; }

    /// <summary>An axis of a nearest sampling: all weights are 0.</summary>
    public static ResizeTable Nearest(int inputs, int outputs, Func<int, int> source) {
        int[] first = new int[outputs];
        for (int o = 0; o < outputs; o++) first[o] = source(o);
        return new ResizeTable(first, new float[outputs], inputs);
    }

    /// <summary>An axis of a linear sampling.</summary>
    public static ResizeTable Linear(int inputs, int outputs, Func<int, long> source) {
        int[] first = new int[outputs];
        var weight = new float[outputs];
        for (int o = 0; o < outputs; o++) {
            long place = source(o);
            (first[o], weight[o]) = (ResizeGeometry.First(place), ResizeGeometry.Weight(place));
        }
        return new ResizeTable(first, weight, inputs);
    }

    /// <summary>The first output that may read an input.</summary>
    public int FirstReader(int input) => Start[Math.Max(0, input - 1)];

    /// <summary>One past the last output that may read an input.</summary>
    public int EndReader(int input) => Start[input + 1];

    /// <summary>The weights of each input in its readers, one input after the other: where each begins, and all of them.</summary>
    public (int[] Start, float[] Weights) Readers() {
        int inputs = Start.Length - 1, count = 0;
        int[] start = new int[inputs];
        for (int input = 0; input < inputs; count += EndReader(input) - FirstReader(input), input++) start[input] = count;
        float[] weights = new float[count];
        for (int input = 0, at = 0; input < inputs; input++)
            for (int output = FirstReader(input); output < EndReader(input); output++) weights[at++] = Share(output, input);
        return (start, weights);
    }

    /// <summary>The weight of an input in one of its readers.</summary>
    public float Share(int output, int input) => First[output] == input ? 1 - Weight[output] : Weight[output];
}
