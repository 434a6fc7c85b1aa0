using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace DenseEngine;

/// <summary>Python's unpickling machine, protocols 0 to 5, without what makes it dangerous: names are never looked up, calls go to a list
/// of known ones or give an inert object. It keeps its own stack, so that nesting costs no more than bytes. (The opcodes and what each
/// demands: CPython's pickletools; where it is stricter, no pickler writes what is refused.)</summary>
internal sealed class PickleReader {
    private const int LatestProtocol = 5;

    /// <summary>Keys are hashed each time they are used, so a long one used often is work without end.</summary>
    private const int LongestKey = 1024;

    /// <summary>The digits that Python reads as a number.</summary>
    private const int LongestNumber = 4300;

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789+-.eE"u8);
    private static readonly object Unset = new();
    private static readonly object True = true, False = false;
    private static readonly object[] SmallNumbers = [.. Enumerable.Range(0, 256).Select(value => (object)(long)value)];

    private readonly PickleSource source;
    private readonly IPickleTypes types;
    private readonly List<object?> stack = [];
    private readonly List<int> marks = [];
    private readonly long start;
    private object?[] memo = [];
    private int memoized;
    private long frameEnd;

    private PickleReader(PickleSource source, IPickleTypes types) {
        this.source = source;
        this.types = types;
        start = source.Position;
    }

    /// <summary>Reads one pickle and leaves the source behind it.</summary>
    public static object? Read(PickleSource source, IPickleTypes types) => new PickleReader(source, types).Run();

    /// <summary>Whether Python can use a value as a key.</summary>
    public static bool IsHashable(object? value) => value switch {
        PickleDictionary => false,
        PickleBytes bytes => !bytes.IsMutable,
        PickleList list => list.IsHashable,
        _ => true,
    };

    private object? Run() {
        while (true) {
            long before = source.Position, frame = frameEnd;
            byte code = source.ReadByte();
            if (code == (byte)'.') break;
            if (!(Constant(code) || Structure(code) || Memory(code) || Calls(code)))
                throw source.Broken($"there is no opcode {code}");
            // Python reads a frame whole and goes on behind it.
            if (before < frame && (source.Position > frame || frameEnd != frame)) throw source.Broken("an object leaves its frame");
        }
        if (frameEnd > source.Position) throw source.Broken($"it ends {frameEnd - source.Position} bytes before its frame does");
        if (marks.Count > 0 || stack.Count != 1) throw source.Broken($"it ends with {stack.Count} objects; one is needed");
        return stack[0];
    }

    /// <summary>Numbers, text and other values that stand in the pickle as they are.</summary>
    private bool Constant(byte code) {
        switch (code) {
            case (byte)'N': Push(null); break;
            case 0x88: Push(True); break;
            case 0x89: Push(False); break;
            case (byte)'K': Push(SmallNumbers[source.ReadByte()]); break;
            case (byte)'M': Push(Number(source.ReadUInt16())); break;
            case (byte)'J': Push(Number(source.ReadInt32())); break;
            case (byte)'I': Push(IntegerLine()); break;
            case (byte)'L': Push(Integer(LongLine())); break;
            case 0x8a: Push(Integer(source.ReadByte())); break;
            case 0x8b: Push(Integer(source.ReadInt32())); break;
            case (byte)'G': Push(source.ReadDoubleBigEndian()); break;
            case (byte)'F': Push(FloatLine()); break;
            case (byte)'X': Push(source.Text(source.ReadUInt32())); break;
            case 0x8c: Push(source.Text(source.ReadByte())); break;
            case 0x8d: Push(source.Text(source.ReadInt64())); break;
            case (byte)'V': Push(source.Decode(PickleText.UnescapeUnicode(source.Line(), source))); break;
            case (byte)'U': Push(source.Text(source.ReadByte())); break;
            case (byte)'T': Push(source.Text(source.ReadInt32())); break;
            case (byte)'S': Push(source.Decode(PickleText.UnescapeString(source.Line(), source))); break;
            case (byte)'C': Push(Bytes(source.ReadByte(), mutable: false)); break;
            case (byte)'B': Push(Bytes(source.ReadUInt32(), mutable: false)); break;
            case 0x8e: Push(Bytes(source.ReadInt64(), mutable: false)); break;
            case 0x96: Push(Bytes(source.ReadInt64(), mutable: true)); break;
            default: return false;
        }
        return true;
    }

    /// <summary>Lists, tuples, dictionaries, sets, and the stack itself.</summary>
    private bool Structure(byte code) {
        switch (code) {
            case (byte)'(': marks.Add(stack.Count); break;
            case (byte)'0':
                if (marks.Count > 0 && marks[^1] == stack.Count) marks.RemoveAt(marks.Count - 1);
                else Pop();
                break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Top()); break;
            case (byte)')': Push(new PickleList(PickleList.Kind.Tuple, [])); break;
            case 0x85: PushTuple(1); break;
            case 0x86: PushTuple(2); break;
            case 0x87: PushTuple(3); break;
            case (byte)'t': Push(new PickleList(PickleList.Kind.Tuple, PopToMark())); break;
            case (byte)']': Push(new PickleList(PickleList.Kind.List, [])); break;
            case (byte)'l': Push(new PickleList(PickleList.Kind.List, PopToMark())); break;
            case 0x8f: Push(new PickleList(PickleList.Kind.Set, [])); break;
            case 0x91: Push(Hashable(new PickleList(PickleList.Kind.Set, PopToMark()))); break;
            case (byte)'}': Push(new PickleDictionary(ordered: false)); break;
            case (byte)'d':
                object?[] pairs = PopToMark();
                Push(new PickleDictionary(ordered: false));
                SetItems(pairs);
                break;
            case (byte)'a': Append([Pop()], PickleList.Kind.List); break;
            case (byte)'e': Append(PopToMark(), PickleList.Kind.List); break;
            case 0x90: Append(PopToMark(), PickleList.Kind.Set); break;
            case (byte)'s':
                object? value = Pop(), key = Pop();
                SetItems([key, value]);
                break;
            case (byte)'u': SetItems(PopToMark()); break;
            default: return false;
        }
        return true;
    }

    /// <summary>The memo, and the frame of the pickle.</summary>
    private bool Memory(byte code) {
        switch (code) {
            case 0x80:
                byte protocol = source.ReadByte();
                if (protocol > LatestProtocol) throw source.Broken($"it has protocol {protocol}; up to {LatestProtocol} are known");
                break;
            case 0x95:
                long frame = source.ReadInt64();
                source.Demand(frame);
                frameEnd = source.Position + frame;
                break;
            case (byte)'q': Put(source.ReadByte()); break;
            case (byte)'r': Put(source.ReadUInt32()); break;
            case (byte)'p': Put(IndexLine()); break;
            case 0x94: Put(memoized); break;
            case (byte)'h': Get(source.ReadByte()); break;
            case (byte)'j': Get(source.ReadUInt32()); break;
            case (byte)'g': Get(IndexLine()); break;
            default: return false;
        }
        return true;
    }

    /// <summary>What in Python would import and call.</summary>
    private bool Calls(byte code) {
        switch (code) {
            case (byte)'c': Push(NameLines()); break;
            case 0x93:
                object? name = Pop(), module = Pop();
                Push(module is string first && name is string second ? new PickleName(first, second)
                    : throw source.Broken("a name is no text"));
                break;
            case (byte)'R': {
                    object? arguments = Pop(), callee = Pop();
                    Push(Call(callee, arguments));
                    break;
                }
            case 0x81: {
                    object? arguments = Pop(), type = Pop();
                    Push(Make(type, arguments));
                    break;
                }
            case 0x92: {
                    object? named = Pop(), arguments = Pop(), type = Pop(), made = Make(type, arguments);
                    if (named is not PickleDictionary dictionary) throw source.Broken("named arguments are no dictionary");
                    Push(dictionary.Count == 0 || made is PickleObject ? made
                        : throw source.Broken("a dictionary is made of named arguments"));
                    break;
                }
            case (byte)'i': {
                    PickleName type = NameLines();
                    Push(Make(type, new PickleList(PickleList.Kind.Tuple, PopToMark())));
                    break;
                }
            case (byte)'o': {
                    object?[] parts = PopToMark();
                    if (parts.Length == 0) throw source.Broken("an object has no type");
                    Push(Make(parts[0], new PickleList(PickleList.Kind.Tuple, parts[1..])));
                    break;
                }
            case (byte)'b':
                object? state = Pop();
                if (Top() is not (PickleObject or PickleDictionary { IsOrdered: true }) && !types.Build(Top(), state, source))
                    throw source.Broken($"{Describe(Top())} takes no state");
                break;
            case (byte)'Q': Push(types.Persistent(Pop(), source)); break;
            case (byte)'P': Push(types.Persistent(source.Decode(source.Line()), source)); break;
            case 0x82 or 0x83 or 0x84: throw source.Broken("it uses Python's registry of extensions, which is not known here");
            case 0x97 or 0x98: throw source.Broken("its buffers are elsewhere");
            default: return false;
        }
        return true;
    }

    private object? Call(object? callee, object? arguments) => callee switch {
        PickleName name => types.Call(name, Arguments(arguments), source),
        PickleObject some => types.Call(some.Type, Arguments(arguments), source) as PickleObject
            ?? throw source.Broken("an object is called"),
        _ => throw source.Broken($"{Describe(callee)} cannot be called"),
    };

    /// <summary>A new object of a class. Of those known only the ordered dictionary is a class; the others are functions.</summary>
    private object? Make(object? type, object? arguments) {
        if (type is not PickleName name) throw source.Broken($"{Describe(type)} is no class");
        return types.Call(name, Arguments(arguments), source) is var made and (PickleObject or PickleDictionary { IsOrdered: true })
            ? made : throw source.Broken($"{Describe(name)} is no class");
    }

    private PickleList Arguments(object? arguments) =>
        arguments is PickleList { Is: PickleList.Kind.Tuple } tuple ? tuple : throw source.Broken("arguments are no tuple");

    private void Append(object?[] items, PickleList.Kind kind) {
        switch (Top()) {
            case PickleList list when list.Is == kind:
                list.Add(items);
                if (kind == PickleList.Kind.Set) Hashable(items);
                break;
            case PickleObject: break;
            default: throw source.Broken($"nothing can be added to {Describe(Top())}");
        }
    }

    private void SetItems(object?[] pairs) {
        if (pairs.Length % 2 != 0) throw source.Broken("a dictionary's last key has no value");
        PickleDictionary? dictionary = Top() as PickleDictionary;
        if (dictionary is null && Top() is not PickleObject) throw source.Broken($"{Describe(Top())} has no items to set");
        for (int i = 0; i < pairs.Length; i += 2) {
            CheckKey(pairs[i], source);
            dictionary?.Set(pairs[i], pairs[i + 1]);
        }
    }

    /// <summary>Refuses what no dictionary takes as a key, and keys that are too long.</summary>
    public static void CheckKey(object? key, PickleSource source) {
        if (!IsHashable(key)) throw source.Broken($"{Describe(key)} cannot be a key");
        if (key is string { Length: > LongestKey } text)
            throw source.Broken($"a key has {text.Length} characters; up to {LongestKey} are read");
    }

    private PickleList Hashable(PickleList set) {
        Hashable(set.Items);
        return set;
    }

    private void Hashable(ReadOnlySpan<object?> items) {
        foreach (object? item in items)
            if (!IsHashable(item)) throw source.Broken($"{Describe(item)} cannot be in a set");
    }

    private void Push(object? value) => stack.Add(value);

    private object? Pop() {
        object? value = Top();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object? Top() {
        if (stack.Count <= (marks.Count > 0 ? marks[^1] : 0)) throw source.Broken("the stack is empty");
        return stack[^1];
    }

    private object?[] PopToMark() {
        if (marks.Count == 0) throw source.Broken("there is no mark on the stack");
        int mark = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        object?[] items = CollectionsMarshal.AsSpan(stack)[mark..].ToArray();
        CollectionsMarshal.SetCount(stack, mark);
        return items;
    }

    private void PushTuple(int count) {
        var items = new object?[count];
        for (int i = count; i-- > 0;) items[i] = Pop();
        Push(new PickleList(PickleList.Kind.Tuple, items));
    }

    private void Put(long index) {
        object? value = Top();
        // Picklers count; a number beyond the bytes read cannot come from one.
        if (index > source.Position - start) throw source.Broken($"the memo has no place {index}");
        if (index >= memo.Length) {
            int old = memo.Length;
            Array.Resize(ref memo, (int)Math.Max(index + 1, Math.Min(2L * old + 16, Array.MaxLength)));
            memo.AsSpan(old).Fill(Unset);
        }
        if (ReferenceEquals(memo[index], Unset)) memoized++;
        memo[index] = value;
    }

    private void Get(long index) {
        if (index >= memo.Length || ReferenceEquals(memo[index], Unset)) throw source.Broken($"the memo holds nothing at {index}");
        Push(memo[index]);
    }

    private PickleName NameLines() {
        string module = source.Decode(source.Line());
        return new PickleName(module, source.Decode(source.Line()));
    }

    private PickleBytes Bytes(long length, bool mutable) {
        if (length is >= 0 and <= PickleBytes.Kept) return new PickleBytes(length, source.Take(length).ToArray(), mutable);
        source.Skip(length);
        return new PickleBytes(length, null, mutable);
    }

    private static object Number(long value) => value is >= 0 and < 256 ? SmallNumbers[value] : value;

    private static object Integer(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Number((long)value) : value;

    private object Integer(int bytes) {
        if (bytes > LongestNumber) throw source.Broken($"a number has {bytes} bytes; up to {LongestNumber} are read");
        return Integer(new BigInteger(source.Take(bytes)));
    }

    private object IntegerLine() {
        ReadOnlySpan<byte> line = source.Line();
        return line.SequenceEqual("00"u8) ? False : line.SequenceEqual("01"u8) ? True : Integer(Digits(line));
    }

    private BigInteger LongLine() {
        ReadOnlySpan<byte> line = source.Line();
        return Digits(line is [.. var digits, (byte)'L'] ? digits : line);
    }

    private long IndexLine() {
        BigInteger index = Digits(source.Line());
        return index >= 0 && index <= long.MaxValue ? (long)index : throw source.Broken($"the memo has no place {index}");
    }

    /// <summary>A number as Python writes it. Others' leading zeros mean another base to some of its readers.</summary>
    private BigInteger Digits(ReadOnlySpan<byte> line) {
        ReadOnlySpan<byte> digits = line is [(byte)'-', .. var rest] ? rest : line;
        return digits.Length is > 0 and <= LongestNumber && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && (digits[0] != '0' || digits.Length == 1)
            ? BigInteger.Parse(Encoding.ASCII.GetString(line), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw source.Broken("a line is no whole number");
    }

    private double FloatLine() {
        ReadOnlySpan<byte> line = source.Line();
        if (line.SequenceEqual("inf"u8)) return double.PositiveInfinity;
        if (line.SequenceEqual("-inf"u8)) return double.NegativeInfinity;
        if (line.SequenceEqual("nan"u8)) return double.NaN;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return !line.ContainsAnyExcept(NumberBytes) && double.TryParse(line, Style, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value) ? value : throw source.Broken("a line is no number");
    }

    private static string Describe(object? value) => value switch {
        null => "None",
        string => "a text",
        bool => "a truth value",
        long or BigInteger or double => "a number",
        PickleBytes => "a string of bytes",
        PickleList list => list.Is switch { PickleList.Kind.List => "a list", PickleList.Kind.Tuple => "a tuple", _ => "a set" },
        PickleDictionary => "a dictionary",
        PickleName name => Quote.Of(name.ToString()),
        PickleObject some => $"an object of {Quote.Of(some.Type.ToString())}",
        _ => "a tensor or storage",
    };
}
