using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>The pairwise overlaps' vectors against the element body, to the bit.</summary>
public class BoxIouTests {
    private static readonly Box[] Odd = [
        new(1, 2, 1, 2), new(5, 5, 1, 1), new(0, 0, 0, 9), new(float.NaN, 0, 1, 1), new(0, 0, float.PositiveInfinity, 1), new(-3, -3, 4, 4),
        new(1e-30f, 0, 2e-30f, 1e-20f), new(1, 2, 3, 4),
    ];

    [Theory, InlineData(IouKind.Iou), InlineData(IouKind.Giou), InlineData(IouKind.Diou), InlineData(IouKind.Ciou)]
    public void Vectors_have_the_bits_of_the_element_body(IouKind kind) {
        Box[] boxes = [.. Enumerable.Range(0, 37).Select(i => i % 3 == 0 ? Odd[i / 3 % Odd.Length]
            : new Box(i, 40 - i, i * 1.5f + 0.3f, 41.7f - i * 0.2f))];
        using Tensor tensor = Tensor.From([.. boxes.SelectMany(box => (float[])[box.X1, box.Y1, box.X2, box.Y2])], [boxes.Length, 4]);
        using Tensor overlaps = Op.BoxIou(tensor, tensor, kind);
        var rule = OverlapRule.Torchvision(kind);
        for (int i = 0; i < boxes.Length; i++)
            for (int j = 0; j < boxes.Length; j++)
                Assert.Equal(rule.Value(boxes[i], boxes[j]), overlaps.Span[i * boxes.Length + j]);
    }
}
