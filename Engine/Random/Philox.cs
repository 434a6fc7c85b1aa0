namespace DenseEngine;

/// <summary>The counter-based generator Philox 4×32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): the numbers
/// depend on seed, stream and position only, never on device or thread. Position is all its state.</summary>
public sealed class Philox(ulong seed, ulong stream = 0) {
    private const uint M0 = 0xD2511F53, M1 = 0xCD9E8D57, W0 = 0x9E3779B9, W1 = 0xBB67AE85;
    private readonly uint[] block = new uint[4];
    private ulong blockNumber = ulong.MaxValue;

    /// <summary>The seed.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The stream: generators of one seed and different streams are independent.</summary>
    public ulong Stream { get; } = stream;

    /// <summary>How many 32-bit numbers were drawn; may be set to go on from there.</summary>
    public ulong Position { get; set; }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32() {
        ulong number = Position / 4;
        if (number != blockNumber) {
            Compute(number, Stream, Seed, block);
            blockNumber = number;
        }
        return block[Position++ % 4];
    }

    /// <summary>A number from [0, 1), a multiple of 2⁻²⁴.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>A whole number from [0, <paramref name="limit"/>), without bias.</summary>
    public int Next(int limit) {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        uint bound = (uint)limit, refuse = (uint)-(int)bound % bound;   // Lemire's method
        while (true) {
            ulong product = (ulong)NextUInt32() * bound;
            if ((uint)product >= refuse) return (int)(product >> 32);
        }
    }

    /// <summary>A standard normal number (Box and Muller; drawn in double, two numbers a value).</summary>
    public float NextNormal() {
        double radius = Math.Sqrt(-2 * Math.Log((NextUInt32() + 1.0) / 4294967296.0));
        return (float)(radius * Math.Cos(2 * Math.PI * (NextUInt32() / 4294967296.0)));
    }

    /// <summary>The numbers 0 to <paramref name="count"/>-1 in random order (Fisher and Yates).</summary>
    public int[] Permutation(int count) {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--) {
            int j = Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <summary>The four numbers of a block.</summary>
    private static void Compute(ulong counter, ulong stream, ulong key, uint[] result) {
        (uint c0, uint c1, uint c2, uint c3) = ((uint)counter, (uint)(counter >> 32), (uint)stream, (uint)(stream >> 32));
        (uint k0, uint k1) = ((uint)key, (uint)(key >> 32));
        for (int round = 0; round < 10; round++) {
            ulong p0 = (ulong)M0 * c0, p1 = (ulong)M1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += W0;
            k1 += W1;
        }
        (result[0], result[1], result[2], result[3]) = (c0, c1, c2, c3);
    }
}
