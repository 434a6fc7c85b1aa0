namespace DenseEngine.Models;

/// <summary>MT19937 (Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998), 32 bits, seeded by one number as its authors'
/// <c>init_genrand</c> does (2002).</summary>
internal sealed class MersenneTwister {
    private const int Words = 624, Apart = 397;
    private const uint Twist = 0x9908B0DF, Upper = 0x80000000;

    private readonly uint[] state = new uint[Words];
    private int next = Words;

    public MersenneTwister(uint seed) {
        state[0] = seed;
        for (uint i = 1; i < Words; i++) state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
    }

    /// <summary>The next 32 bits.</summary>
    public uint Next() {
        if (next == Words) Refill();
        uint y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>Passes over some numbers.</summary>
    public void Skip(int numbers) {
        for (; numbers > Words - next; Refill()) numbers -= Words - next;
        next += numbers;
    }

    private void Refill() {
        for (int i = 0; i < Words; i++) {
            uint both = (state[i] & Upper) | (state[(i + 1) % Words] & ~Upper);
            state[i] = state[(i + Apart) % Words] ^ (both >> 1) ^ ((both & 1) * Twist);
        }
        next = 0;
    }
}
