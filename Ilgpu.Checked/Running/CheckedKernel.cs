using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>A kernel loaded on an accelerator: takes its arguments one by one and runs. A launch holds the accelerator's lock from
/// <see cref="Begin"/> to the end.</summary>
internal sealed unsafe class CheckedKernel {
    private readonly GroupRunner runner;
    private readonly ParameterInfo[] parameters;
    private readonly int first;
    private readonly byte[] block;
    private int next;

    public CheckedKernel(GroupRunner runner, MethodInfo root, bool perIndex) {
        this.runner = runner;
        parameters = root.GetParameters();
        first = perIndex ? 1 : 0;
        Code = KernelCode.Of(root, perIndex, runner.Checks, runner.Damage);
        (Root, Name) = (root, root.Name);
        block = GC.AllocateArray<byte>(Code.ArgumentBytes + 16, pinned: true);
    }

    public KernelCode Code { get; }

    public MethodInfo Root { get; }

    public string Name { get; }

    public byte* Arguments => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(block));

    public CheckedKernel Begin() {
        runner.Enter();
        next = first;
        return this;
    }

    public CheckedKernel Set<T>(T value) where T : struct {
        Unsafe.WriteUnaligned(Arguments + Code.ParameterOffsets[next++], value);
        return this;
    }

    public void Launch(KernelConfig config) {
        try {
            CheckViews();
            runner.Run(this, config);
        } finally {
            runner.Exit();
        }
    }

    public void Launch<TIndex>(TIndex extent) where TIndex : struct, IIndex {
        try {
            CheckViews();
            runner.RunEach(this, extent switch {
                Index1D one => new Index3D(one.X, 1, 1),
                Index2D two => new Index3D(two.X, two.Y, 1),
                Index3D three => three,
                _ => throw new NotSupportedException($"a kernel cannot be run for each {typeof(TIndex).Name}"),
            });
        } finally {
            runner.Exit();
        }
    }

    /// <summary>Sets the index of a kernel run per index; its components are the first three words.</summary>
    public void SetIndex(Index3D place) {
        int* index = (int*)(Arguments + Code.ParameterOffsets[0]);
        index[0] = place.X;
        if (parameters[0].ParameterType != typeof(Index1D)) index[1] = place.Y;
        if (parameters[0].ParameterType == typeof(Index3D)) index[2] = place.Z;
    }

    /// <summary>The parameter that views a buffer, or the field of one.</summary>
    public string? ParameterOf(int buffer) {
        MethodInfo read = typeof(CheckedKernel).GetMethod(nameof(Read), BindingFlags.NonPublic | BindingFlags.Instance)!;
        for (int p = 0; p < parameters.Length; p++) {
            object value = read.MakeGenericMethod(parameters[p].ParameterType).Invoke(this, [p])!;
            if (NameOf(buffer, parameters[p].Name!, value) is { } name) return name;
        }
        return null;
    }

    private T Read<T>(int parameter) where T : struct => Unsafe.ReadUnaligned<T>(Arguments + Code.ParameterOffsets[parameter]);

    private static string? NameOf(int buffer, string name, object value) {
        const BindingFlags fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        Type type = value.GetType();
        if (type.IsPrimitive || type.IsEnum) return null;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>))
            return (int)type.GetProperty(nameof(ArrayView<byte>.BufferNumber), fields)!.GetValue(value)! == buffer ? name : null;
        bool strided = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView1D<,>);
        return type.GetFields(fields).Select(field => NameOf(buffer, strided ? name : $"{name}.{field.Name}", field.GetValue(value)!))
            .FirstOrDefault(found => found is not null);
    }

    private void CheckViews() {
        for (int p = first; p < parameters.Length; p++) {
            if (!IsView(p) || View(p) is not { BufferNumber: not 0 } view) continue;
            MemoryBuffer buffer = Buffers.TryFind(view.BufferNumber)
                ?? throw new KernelFaultException(
                    $"use after dispose: parameter '{parameters[p].Name}' of kernel {Name} views a buffer that was disposed");
            if (buffer.Accelerator.Runner != runner)
                throw new KernelFaultException(
                    $"foreign memory: parameter '{parameters[p].Name}' of kernel {Name} views a buffer of another accelerator");
        }
    }

    private bool IsView(int parameter) {
        Type type = parameters[parameter].ParameterType;
        return type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ArrayView<>)
            || type.GetGenericTypeDefinition() == typeof(ArrayView1D<,>));
    }

    /// <summary>All views begin with the same three words, whatever their element.</summary>
    private ArrayView<byte> View(int parameter) => Unsafe.ReadUnaligned<ArrayView<byte>>(Arguments + Code.ParameterOffsets[parameter]);
}
