namespace ILGPU.Checking;

/// <summary>What a device demands of an address: a multiple of the element's size, up to the 16 bytes of a vector access.</summary>
internal static unsafe class Alignment {
    public static int Of<T>() where T : unmanaged {
        int size = sizeof(T);
        return Math.Min(16, size & -size);
    }

    public static void Demand(byte* address, int alignment, Type type, int buffer) {
        if (((nuint)address & (nuint)(alignment - 1)) != 0) Faults.Misaligned(address, alignment, type, buffer);
    }
}
