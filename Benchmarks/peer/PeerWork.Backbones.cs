using DenseEngine.Models;

namespace DenseEngine.Benchmarks;

/// <summary>Backbones alone.</summary>
internal sealed partial class PeerWork {
    /// <summary>Hourglass-104 with the weights of the item's file.</summary>
    private static PeerWork Hourglass(CheckpointFile file) {
        const string head = "state.";
        var backbone = new HourglassNet(new HourglassConfig());
        backbone.Load(backbone.State().ToDictionary(entry => entry.Name, entry => file.Contains(head + entry.Name)
            ? file.Read(head + entry.Name) : entry.Value.ToTorch()));
        Tensor x = Map(file, "x");
        return new(() => backbone.Forward(x).Select((map, i) => ($"map.{i}", map)), false, x, backbone);
    }
}
