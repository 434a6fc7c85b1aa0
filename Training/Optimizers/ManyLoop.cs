namespace DenseEngine.Training;

/// <summary>One loop over the elements of many arrays: long ones are cut, short ones share a work item, so that many small ones cost no
/// more than their bytes. How they are cut depends on their sizes only.</summary>
internal sealed class ManyLoop {
    private const int Grain = 1 << 16;

    private readonly List<(int Array, int From, int Until)> pieces = [];
    private readonly List<int> items = [];

    /// <summary>Cuts arrays of these sizes.</summary>
    public ManyLoop(IEnumerable<int> sizes) {
        int array = 0, elements = Grain;
        foreach (int size in sizes) {
            for (int from = 0; from < size; from += Grain) {
                int until = Math.Min(from + Grain, size);
                if (elements >= Grain) {
                    items.Add(pieces.Count);
                    elements = 0;
                }
                pieces.Add((array, from, until));
                elements += until - from;
            }
            array++;
        }
        items.Add(pieces.Count);
    }

    /// <summary>Pieces of all arrays; they are numbered in order.</summary>
    public int Pieces => pieces.Count;

    /// <summary>Runs the body for each piece, in any order: (piece, array, first element, one past the last).</summary>
    public void Run(HostDevice host, Action<int, int, int, int> body) => host.Workers.For(items.Count - 1, item => {
        for (int piece = items[item]; piece < items[item + 1]; piece++)
            body(piece, pieces[piece].Array, pieces[piece].From, pieces[piece].Until);
    });
}
