using Xunit;

namespace DenseEngine.Tests;

public class GraphTests {
    /// <summary>x², recorded by hand: the engine knows no operation.</summary>
    private static Tensor Square(Tensor x) {
        var y = new Tensor(x.Device, x.Shape);
        for (int i = 0; i < x.Count; i++) y.Span[i] = x.Span[i] * x.Span[i];
        return Tape.Record(y, [x], [x], (dy, saved) => {
            var dx = new Tensor(dy.Device, dy.Shape);
            for (int i = 0; i < dx.Count; i++) dx.Span[i] = 2 * saved[0].Span[i] * dy.Span[i];
            return [dx];
        });
    }

    private static Tensor Sum(Tensor a, Tensor b) {
        var y = new Tensor(a.Device, a.Shape);
        for (int i = 0; i < y.Count; i++) y.Span[i] = a.Span[i] + b.Span[i];
        return Tape.Record(y, [a, b], [], (dy, _) => [dy, dy]);
    }

    private static Tensor Leaf(params float[] values) {
        Tensor leaf = Tensor.From(values, [values.Length]);
        leaf.RequiresGrad = true;
        return leaf;
    }

    [Fact]
    public void Gradients_of_a_shared_input_add_up() {
        using var scope = new TensorScope();
        Tensor x = Leaf(3, -1), one = Tensor.From([1f, 10f], [2]);
        Sum(Square(x), Sum(x, x)).Backward(one);
        Assert.Equal([8f, 0f], x.Grad!.ToArray());
        Assert.Equal([1f, 10f], one.ToArray());
    }

    [Fact]
    public void Leaves_accumulate_over_walks() {
        using var scope = new TensorScope();
        Tensor x = Leaf(3);
        Square(x).Backward();
        Square(x).Backward();
        Assert.Equal(12, x.Grad!.Item());
    }

    [Fact]
    public void A_second_walk_is_refused_unless_the_graph_is_kept() {
        using var scope = new TensorScope();
        Tensor x = Leaf(3), y = Square(x);
        y.Backward(keepGraph: true);
        y.Backward();
        Assert.Equal(12, x.Grad!.Item());
        Assert.Contains("walked before", Assert.Throws<GraphException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_tensor_changed_in_place_is_refused() {
        using var scope = new TensorScope();
        Tensor x = Leaf(3), y = Square(x);
        x.Span[0] = 4;
        x.MarkChanged();
        Assert.Contains("changed in place", Assert.Throws<GraphException>(() => y.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_is_refused_after_its_scope_and_kept_ones_live() {
        Tensor lost, kept;
        using (var scope = new TensorScope()) {
            lost = Leaf(1);
            kept = scope.Keep(Square(lost));
        }
        Assert.Contains("after it was freed", Assert.Throws<GraphException>(() => lost.ToArray()).Message, StringComparison.Ordinal);
        Assert.Equal(1, kept.Item());
        kept.Dispose();
    }

    [Fact]
    public void What_a_graph_saved_is_freed_with_it_walked_or_not() {
        using var device = new HostDevice(1);
        long before = device.Pool.Statistics.LiveBuffers;
        for (int walked = 0; walked < 2; walked++) {
            Tensor x = Tensor.From([2f], [1], device);
            x.RequiresGrad = true;
            using (new TensorScope()) {
                Tensor y = Square(Square(Square(x)));
                if (walked == 1) y.Backward();
            }
            if (walked == 1) Assert.Equal(8 * 128, x.Grad!.Item());
            x.Grad?.Dispose();
            x.Dispose();
            Assert.Equal(before, device.Pool.Statistics.LiveBuffers);
        }
    }

    [Fact]
    public void A_graph_is_walked_whole_when_only_its_last_output_was_kept() {
        using var outer = new TensorScope();
        Tensor x = Leaf(2), y;
        using (var inner = new TensorScope()) {
            y = inner.Keep(Square(Square(Square(x))));
            for (int i = 0; i < 8; i++) Leaf(99);   // would take the memory of whatever was freed too early
        }
        y.Backward();
        Assert.Equal(8 * 128, x.Grad!.Item());
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_nodes_is_walked_and_freed() {
        using var scope = new TensorScope();
        Tensor x = Leaf(1), y = x;
        for (int i = 0; i < 100_000; i++) y = Sum(y, Tensor.Scalar(0).View([1]));
        y.Backward();
        Assert.Equal(1, x.Grad!.Item());
    }

    [Fact]
    public void NoGrad_and_Detach_cut_the_graph() {
        using var scope = new TensorScope();
        Tensor x = Leaf(3);
        using (new NoGrad()) Assert.False(Square(x).RequiresGrad);
        Assert.False(x.Detach().RequiresGrad);
        Assert.Throws<GraphException>(() => Square(x.Detach()).Backward());
    }
}
