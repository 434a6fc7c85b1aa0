using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DenseEngine;

/// <summary>Writes plain data as a pickle of protocol 2, and what PyTorch needs around tensors. (CPython's pickletools has the
/// opcodes.)</summary>
internal sealed class PickleWriter {
    private readonly ArrayBufferWriter<byte> bytes = new();

    public PickleWriter() => bytes.Write<byte>([0x80, 2]);

    /// <summary>Ends the pickle.</summary>
    public byte[] Finish() {
        Code('.');
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>One opcode, or several.</summary>
    public PickleWriter Code(params ReadOnlySpan<char> codes) {
        foreach (char code in codes) bytes.Write<byte>([(byte)code]);
        return this;
    }

    public PickleWriter Name(string module, string name) {
        bytes.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));
        return this;
    }

    public PickleWriter Text(string text) {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        Code('X');
        bytes.Write(length);
        bytes.Write(utf8);
        return this;
    }

    public PickleWriter Number(long number) {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(eight, number);
        bool small = number is >= int.MinValue and <= int.MaxValue;
        Code(small ? "J" : "\u008a\b");
        bytes.Write(eight[..(small ? 4 : 8)]);
        return this;
    }

    public PickleWriter Number(double number) {
        Span<byte> eight = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(eight, number);
        Code('G');
        bytes.Write(eight);
        return this;
    }

    /// <summary>A tuple of whole numbers.</summary>
    public PickleWriter Numbers(IEnumerable<long> numbers) {
        Code('(');
        foreach (long number in numbers) Number(number);
        return Code('t');
    }

    /// <summary>None, a truth value, a number or a text.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public PickleWriter Plain(object? value) {
        switch (value) {
            case null: return Code('N');
            case bool truth: return Code(truth ? '\u0088' : '\u0089');
            case int number: return Number(number);
            case long number: return Number(number);
            case double number: return Number(number);
            case string text: return Text(text);
            default: throw new ArgumentException($"A value of type {value.GetType()} cannot be written into a checkpoint.", nameof(value));
        }
    }
}
