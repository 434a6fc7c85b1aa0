namespace DenseEngine.Models;

/// <summary>The neck of the official CenterNet's DLA (Zhou et al., 2019, section 5 and figure 6): the maps are aggregated from the
/// coarsest on, each time one finer map more, and the results of some of these steps once again. State names are the official
/// ones.</summary>
public sealed class DlaUp : Neck {
    private readonly DlaMerge[] merges;   // of the last two maps, of the last three, …
    private readonly DlaMerge last;
    private readonly int used;

    /// <summary>A neck to be initialised or loaded.</summary>
    /// <param name="config">What it consists of.</param>
    /// <param name="inputs">The channels of the backbone's maps, finest first.</param>
    internal DlaUp(DlaUpConfig config, IReadOnlyList<int> inputs) {
        used = config.Used;
        merges = [.. Enumerable.Range(0, inputs.Count - 1).Select(i => {
            int first = inputs.Count - 2 - i, count = i + 1;
            // All coarser maps have by then the channels and the size of the one before them.
            return new DlaMerge(inputs[first], [.. Enumerable.Repeat(inputs[first + 1], count)], [.. Enumerable.Repeat(2, count)],
                config.Dcn);
        })];
        last = new DlaMerge(inputs[0], [.. inputs.Take(used).Skip(1)], [.. Enumerable.Range(1, used - 1).Select(i => 1 << i)], config.Dcn);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Module)> Children => [("dla_up", new Merges(merges)), ("ida_up", last)];

    /// <summary>The maps to one of the finest one's size.</summary>
    public override Tensor[] Forward(IReadOnlyList<Tensor> maps) {
        using var scope = new TensorScope();
        Tensor[] now = [.. maps];
        List<Tensor> results = [maps[^1]];   // the finest at the end
        for (int i = 0; i < merges.Length; i++) {
            int first = now.Length - 2 - i;
            merges[i].Forward(now[first..]).CopyTo(now, first);
            results.Add(now[^1]);
        }
        results.Reverse();
        return [scope.Keep(last.Forward([.. results.Take(used)])[^1])];
    }

    /// <summary>The aggregations by their names, ida_0 and so on.</summary>
    private sealed class Merges(DlaMerge[] merges) : Module {
        public override IEnumerable<(string Name, Module Module)> Children => merges.Select((merge, i) => ($"ida_{i}", (Module)merge));
    }
}
