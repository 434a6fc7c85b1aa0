namespace DenseEngine;

/// <summary>A view of a storage, checked to lie within it.</summary>
internal sealed class TorchTensor {
    /// <summary>PyTorch's own limit.</summary>
    private const int MostAxes = 64;

    private readonly TorchStorage storage;
    private readonly long offset;
    private readonly long[] strides;

    /// <exception cref="CheckpointException">The view leaves the storage, or is no view.</exception>
    public TorchTensor(TorchStorage storage, long offset, long[] shape, long[] strides, PickleSource source) {
        (this.storage, this.offset, Shape, this.strides) = (storage, offset, shape, strides);
        CheckpointException Bad(string why) => source.Broken($"a tensor of shape [{string.Join(", ", shape)}], strides "
            + $"[{string.Join(", ", strides)}] and offset {offset} on storage {Quote.Of(storage.Key)} of {storage.Count} elements {why}");
        if (shape.Length > MostAxes) throw source.Broken($"a tensor has {shape.Length} axes; up to {MostAxes} are read");
        if (shape.Length != strides.Length) throw Bad("needs as many strides as sizes");
        if (offset < 0 || shape.Any(size => size < 0) || strides.Any(stride => stride < 0)) throw Bad("has a negative number");
        try {
            long last = offset, count = 1;
            for (int i = 0; i < shape.Length; i++) {
                if (shape[i] == 0) continue;
                last = checked(last + (shape[i] - 1) * strides[i]);
                count = checked(count * shape[i]);
            }
            _ = checked(count * storage.ElementSize);
            Count = shape.Contains(0) ? 0 : count;
            if (Count > 0 && last >= storage.Count) throw Bad($"reads element {last}");
            Reach = Count > 0 ? last + 1 - offset : 0;
            if (!IsContiguous() && Reach * storage.ElementSize > Array.MaxLength)
                throw Bad("reaches over more bytes than an array can hold");
        } catch (OverflowException) {
            throw Bad("is larger than a number can count");
        }
    }

    public string Type => storage.Type;

    public long[] Shape { get; }

    public long Count { get; }

    /// <summary>The bytes by which it is larger than its storage: what views with a stride of 0 add.</summary>
    public long Expansion => Math.Max(0, Count * storage.ElementSize - storage.Bytes);

    /// <summary>The elements from its first to its last in the storage.</summary>
    private long Reach { get; }

    /// <summary>Its elements in row-major order.</summary>
    public ElementSource Open() {
        int size = storage.ElementSize;
        ElementSource source = storage.Open(offset * size, Reach * size);
        if (IsContiguous()) return source;
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)(Reach * size));
        source.Read(bytes);
        source.Finish();
        return new StridedSource(bytes, size, Shape, strides);
    }

    /// <summary>Compares the checksum of its storage.</summary>
    public void Verify() => storage.Verify();

    private bool IsContiguous() {
        long next = 1;
        for (int i = Shape.Length; i-- > 0;) {
            if (Shape[i] != 1 && strides[i] != next) return Count == 0;
            next *= Shape[i];
        }
        return true;
    }
}
