using System.Runtime.InteropServices;

namespace DenseEngine;

/// <summary>Gathers the elements of a strided view, one row of the last axis after the other.</summary>
/// <param name="bytes">The storage's bytes from the view's first element to its last.</param>
/// <param name="size">The bytes of an element.</param>
/// <param name="shape">The sizes of the axes, none of them 0.</param>
/// <param name="strides">How far apart neighbours along each axis lie, in elements.</param>
internal sealed class StridedSource(byte[] bytes, int size, long[] shape, long[] strides) : ElementSource {
    private readonly long[] index = new long[shape.Length];
    private long row;

    public override void Read(Span<byte> destination) {
        switch (size) {
            case 1: Gather(MemoryMarshal.Cast<byte, byte>(bytes), destination); break;
            case 2: Gather(MemoryMarshal.Cast<byte, ushort>(bytes), MemoryMarshal.Cast<byte, ushort>(destination)); break;
            case 4: Gather(MemoryMarshal.Cast<byte, uint>(bytes), MemoryMarshal.Cast<byte, uint>(destination)); break;
            default: Gather(MemoryMarshal.Cast<byte, ulong>(bytes), MemoryMarshal.Cast<byte, ulong>(destination)); break;
        }
    }

    private void Gather<T>(ReadOnlySpan<T> values, Span<T> destination) {
        int last = shape.Length - 1;
        long stride = strides[last];
        while (destination.Length > 0) {
            int count = (int)Math.Min(destination.Length, shape[last] - index[last]);
            long at = row + index[last] * stride;
            for (int i = 0; i < count; i++, at += stride) destination[i] = values[(int)at];
            destination = destination[count..];
            index[last] += count;
            if (index[last] == shape[last]) NextRow(last);
        }
    }

    private void NextRow(int last) {
        index[last] = 0;
        for (int axis = last - 1; axis >= 0; axis--) {
            row += strides[axis];
            if (++index[axis] < shape[axis]) return;
            row -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}
