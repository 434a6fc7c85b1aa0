using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>Two devices open at once, whichever there are.</summary>
public sealed class TwoDevicesTests : IDisposable {
    private readonly GpuDevice first = GpuCase.All[0].Open(), second = GpuCase.All[^1].Open();

    [Fact]
    public void Each_computes_in_its_own_memory() {
        using var scope = new TensorScope();
        Tensor x = Draws.Normal(7, 33)(new Philox(3), HostDevice.Default), a = x.To(first), b = x.To(second);
        (x.RequiresGrad, a.RequiresGrad, b.RequiresGrad) = (true, true, true);
        Tensor expected = Op.Sigmoid(x), onFirst = Op.Sigmoid(a), onSecond = Op.Sigmoid(b);   // alternately
        expected.Backward(Tensor.Full([7, 33], 2));
        onFirst.Backward(Tensor.Full([7, 33], 2, first));
        onSecond.Backward(Tensor.Full([7, 33], 2, second));
        foreach ((Tensor y, Tensor leaf, GpuDevice device) in ((Tensor, Tensor, GpuDevice)[])[(onFirst, a, first), (onSecond, b, second)]) {
            Assert.Same(device, y.Device);
            Assert.Same(device, leaf.Grad!.Device);
            Compare.Close("kernels", "y", expected, y, 1e-6, 0);
            Compare.Close("kernels", "gradient", x.Grad!, leaf.Grad!, 1e-6, 0);
            Assert.NotEmpty(device.Kernels);
        }
        Assert.Equal(onFirst.ToArray(), onFirst.To(second).To(first).ToArray());
    }

    [Fact]
    public void Tensors_of_two_are_refused_by_name() {
        using var scope = new TensorScope();
        Tensor a = Tensor.Full([4], 1, first), b = Tensor.Full([4], 1, second), here = Tensor.Full([4], 1);
        foreach ((Tensor one, Tensor other) in ((Tensor, Tensor)[])[(a, b), (b, a), (a, here), (here, b)]) {
            string message = Assert.Throws<DeviceException>(() => Op.Add(one, other)).Message;
            Assert.Contains(one.Device.Name, message, StringComparison.Ordinal);
            Assert.Contains(other.Device.Name, message, StringComparison.Ordinal);
        }
        Assert.Throws<DeviceException>(() => second.Floats(a));
        Assert.Equal([2f, 2, 2, 2], Op.Add(a, a).ToArray());
    }

    [Fact]
    public void Closing_one_leaves_the_other() {
        using (GpuDevice third = GpuCase.All[0].Open()) using (Tensor x = Tensor.Full([9], 3, third)) Assert.Equal(3, x.ToArray()[8]);
        using Tensor y = Tensor.Full([9], 4, first);
        Assert.Equal(4, y.ToArray()[8]);
        second.Dispose();
        second.Dispose();
    }

    public void Dispose() {
        first.Dispose();
        second.Dispose();
    }
}
