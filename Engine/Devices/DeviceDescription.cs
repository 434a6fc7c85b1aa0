using System.Globalization;

namespace DenseEngine;

/// <summary>What a device is.</summary>
/// <param name="Name">What it is opened by: <c>cuda:0</c>.</param>
/// <param name="Model">What its maker calls it.</param>
/// <param name="Memory">Bytes of memory; 0 where nobody says.</param>
/// <param name="Driver">What drives it, with its version; empty for the processor.</param>
/// <param name="IsProcessor">Whether it is the processor that plays a GPU.</param>
public sealed record DeviceDescription(string Name, string Model, long Memory, string Driver, bool IsProcessor) {
    /// <summary>All of it in a line.</summary>
    public override string ToString() => $"{Name}: " + string.Join(", ", ((string[])[Model,
        Memory > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Memory / (double)(1 << 30):0.0} GiB") : "", Driver])
        .Where(part => part.Length > 0));
}
