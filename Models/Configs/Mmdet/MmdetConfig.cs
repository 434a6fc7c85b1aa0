using System.Reflection;

namespace DenseEngine.Models;

/// <summary>
/// Reads mmdetection's configurations, 2.x and 3.x, from their text as it stands in checkpoints (<c>meta['config']</c>,
/// <c>meta['cfg']</c>). The text is data here: nothing in it is executed, no file that it names is opened. Every option of the network,
/// of the test's pipeline and of the selection counts: what is not supported is an error that names it with its place. Of the training,
/// what <see cref="TrainingRecipe"/> cannot hold is listed in <see cref="TrainingRecipe.NotRead"/>.
/// </summary>
public static class MmdetConfig {
    private delegate DetectorConfig Reader(MmdetText text, MmdetClasses classes);

    private sealed record Model(string Type, IReadOnlyList<string> Heads, Reader Read, Func<MmdetText, TestConfig> Test);

    private static readonly Model[] All = [.. typeof(MmdetConfig).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IMmdetModel)) && !type.IsInterface)
        .Select(type => typeof(MmdetConfig).GetMethod(nameof(ReaderOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, null)!)
        .Cast<Model>()];

    private static readonly Dictionary<string, Model>
        OfTypes = All.ToDictionary(model => model.Type, StringComparer.Ordinal),
        OfHeads = All.SelectMany(model => model.Heads.Select(head => (head, model)))
            .ToDictionary(pair => pair.head, pair => pair.model, StringComparer.Ordinal);

    /// <summary>The configuration that a text describes.</summary>
    /// <param name="text">The text, complete: no file that it is based on is read.</param>
    /// <param name="classes">The classes' names as the checkpoint tells them (<c>meta['CLASSES']</c>, <c>meta['dataset_meta']</c>), or
    /// null: then they come from the text, or are COCO's if there are 80, or "class 0" and so on.</param>
    /// <exception cref="ConfigException">The text is no such configuration, asks for what is not supported, or contradicts itself or the
    /// names. The message says where.</exception>
    public static DetectorConfig Read(string text, IReadOnlyList<string>? classes = null) {
        var read = new MmdetText(new ConfigSection("", PythonConfig.Parse(text)));
        Model model = ModelOf(read);
        DetectorConfig network = model.Read(read, new MmdetClasses(read.Root, classes)), config = network with {
            Input = MmdetInput.Read(read, network),
            Test = model.Test(read),
            Training = MmdetRecipe.Read(read),
        };
        read.Done();
        return config;
    }

    /// <summary>What a text says of the network alone.</summary>
    internal static DetectorConfig Network(MmdetText text, MmdetClasses classes) => ModelOf(text).Read(text, classes);

    private static Model ModelOf(MmdetText text) {
        string type = text.Model.Type([.. OfTypes.Keys]);
        return text.Model.TypeOf("bbox_head") is { } head && OfHeads.TryGetValue(head, out Model? known) ? known : OfTypes[type];
    }

    private static Model ReaderOf<T>() where T : IMmdetModel => new(T.ModelType, T.HeadTypes, T.FromMmdet, T.ReadTest);
}
