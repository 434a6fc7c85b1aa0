using System.Reflection;

namespace DenseEngine.Cases;

/// <summary>The table of operations: one list for each room, in <c>OpCases.Room.cs</c>, found by its type.</summary>
internal static partial class OpCases {
    /// <summary>All rows, by method.</summary>
    public static IReadOnlyDictionary<string, OpRow> Rows { get; } =
        typeof(OpCases).GetProperties(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(property => property.PropertyType == typeof(OpRow[]))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .SelectMany(property => (OpRow[])property.GetValue(null)!)
        .ToDictionary(row => row.Method);

    /// <summary>The row that runs a fixture file; null if none does.</summary>
    public static OpRow? RowOf(string fixture) =>
        Rows.Values.SingleOrDefault(row => row.Fixture == fixture || row.MoreFixtures.Contains(fixture));
}
