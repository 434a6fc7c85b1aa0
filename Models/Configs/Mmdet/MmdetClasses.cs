namespace DenseEngine.Models;

/// <summary>The names of a configuration's classes: the checkpoint's, else those in the text, else COCO's if there are 80, else
/// numbers.</summary>
internal sealed class MmdetClasses(ConfigSection root, IReadOnlyList<string>? ofCheckpoint) {
    private const int Most = 100_000;

    /// <summary>The names of as many classes as the head has.</summary>
    /// <param name="head">The head's section, which holds the number.</param>
    public IReadOnlyList<string> Read(ConfigSection head) {
        int count = head.Int("num_classes", least: 1, most: Most);
        IReadOnlyList<string>? names = ofCheckpoint ?? OfText();
        if (names is null && count == ClassNames.Coco.Count) return ClassNames.Coco;
        names ??= [.. Enumerable.Range(0, count).Select(i => $"class {i}")];
        return names.Count == count ? names : throw head.Wrong("num_classes", $"does not fit the {names.Count} names of classes");
    }

    /// <summary>2.x: data.test.classes; 3.x: metainfo of the test's data set, or of the whole. A path instead of a list says
    /// nothing.</summary>
    private IReadOnlyList<string>? OfText() {
        PythonDict? test = Dict(root.Value("data"), "test"), loader = root.Value("test_dataloader") as PythonDict;
        PythonDict?[] places =
            [test, Dict(Dict(loader, "dataset"), "metainfo"), Dict(Dict(Dict(loader, "dataset"), "dataset"), "metainfo"),
                root.Value("metainfo") as PythonDict];
        foreach (PythonDict? place in places)
            foreach (string key in (ReadOnlySpan<string>)["classes", "CLASSES"])
                if (place?.Entries.Find(new PythonKey(key)) is PythonList list && list.Items.All(item => item is PythonText))
                    return [.. list.Items.Select(item => ((PythonText)item).Value)];
        return null;
    }

    private static PythonDict? Dict(PythonValue? value, string key) =>
        (value as PythonDict)?.Entries.Find(new PythonKey(key)) as PythonDict;
}
