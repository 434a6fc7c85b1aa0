namespace ILGPU.Checking;

/// <summary>A value on the evaluation stack and what lies below it.</summary>
/// <param name="Type">Small integers are <see cref="int"/>.</param>
/// <param name="Private">Whether it is the address of memory that only this thread can reach.</param>
/// <param name="Below">The next slot; null at the bottom, which is <see cref="Bottom"/>.</param>
internal sealed record Slot(Type Type, bool Private, Slot? Below) {
    /// <summary>The empty stack.</summary>
    public static Slot Bottom { get; } = new(typeof(void), false, null);
}
