using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Checking;

/// <summary>One instruction as it stands in a method. Branches hold offsets.</summary>
internal readonly record struct RawInstruction(OpCode Op, object? Operand, int Offset);

/// <summary>Decodes a method's IL; tokens come out resolved, and in generic methods closed.</summary>
internal static class ILDecoder {
    private static readonly Dictionary<short, OpCode> Table = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(op => op.Value);

    public static List<RawInstruction> Decode(MethodBase method, byte[] il) {
        Type[]? typeArguments = method.DeclaringType?.GetGenericArguments(), arguments = method.IsGenericMethod
            ? method.GetGenericArguments() : null;
        var code = new List<RawInstruction>();
        for (int at = 0; at < il.Length;) {
            int start = at;
            short value = il[at++];
            if (value == 0xfe) value = (short)(0xfe00 | il[at++]);
            OpCode op = Table[value];
            object? operand = null;
            switch (op.OperandType) {
                case OperandType.InlineNone: break;
                case OperandType.ShortInlineBrTarget: operand = at + 1 + (sbyte)il[at]; at += 1; break;
                case OperandType.InlineBrTarget: operand = at + 4 + Int(il, at); at += 4; break;
                case OperandType.ShortInlineI: operand = op == OpCodes.Ldc_I4_S ? (sbyte)il[at] : (int)il[at]; at += 1; break;
                case OperandType.ShortInlineVar: operand = (int)il[at]; at += 1; break;
                case OperandType.InlineVar: operand = (int)BinaryPrimitives.ReadUInt16LittleEndian(il.AsSpan(at)); at += 2; break;
                case OperandType.InlineI: operand = Int(il, at); at += 4; break;
                case OperandType.InlineI8: operand = BinaryPrimitives.ReadInt64LittleEndian(il.AsSpan(at)); at += 8; break;
                case OperandType.ShortInlineR: operand = BinaryPrimitives.ReadSingleLittleEndian(il.AsSpan(at)); at += 4; break;
                case OperandType.InlineR: operand = BinaryPrimitives.ReadDoubleLittleEndian(il.AsSpan(at)); at += 8; break;
                case OperandType.InlineSwitch:
                    int count = Int(il, at), after = at + 4 + 4 * count;
                    operand = Enumerable.Range(0, count).Select(i => after + Int(il, start + 5 + 4 * i)).ToArray();
                    at = after;
                    break;
                case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok:
                    operand = method.Module.ResolveMember(Int(il, at), typeArguments, arguments);
                    at += 4;
                    break;
                default: at += 4; break;   // strings and signatures: refused by their opcode
            }
            code.Add(new RawInstruction(op, operand, start));
        }
        return code;
    }

    private static int Int(byte[] il, int at) => BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(at));
}
