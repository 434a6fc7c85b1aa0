using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace DenseEngine;

/// <summary>A kernel that ILGPU compiled, changed by <see cref="PtxPromotion"/>, and launched through ILGPU's bindings of the driver on
/// ILGPU's stream. The driver frees it with the device's context.</summary>
internal sealed partial class PromotedKernel {
    private readonly CudaAccelerator accelerator;
    private readonly nint function;

    private PromotedKernel(CudaAccelerator accelerator, nint function) => (this.accelerator, this.function) = (accelerator, function);

    /// <summary>Loads a kernel with groups of its own; null if its text is not as expected: the caller then leaves it to ILGPU.</summary>
    /// <typeparam name="TLauncher">An action of a <see cref="KernelConfig"/> and ten parameters.</typeparam>
    public static TLauncher? Load<TLauncher>(CudaAccelerator accelerator, MethodInfo kernel, KernelSpecialization specialization)
        where TLauncher : Delegate {
        var compiled = (PTXCompiledKernel)accelerator.Backend.Compile(
            EntryPointDescription.FromExplicitlyGroupedKernel(kernel), specialization);
        Type[] types = [.. kernel.GetParameters().Select(parameter => parameter.ParameterType)];
        if (PtxPromotion.Apply(compiled.PTXAssembly) is not { } text || !Takes(text, types)) return null;
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.LoadModule(out nint module, text));
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.GetModuleFunction(out nint function, module, compiled.Name));
        return typeof(PromotedKernel).GetMethod(nameof(Launch), BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(types).CreateDelegate<TLauncher>(new PromotedKernel(accelerator, function));
    }

    /// <summary>Whether the parameters that a text declares have the sizes of the method's.</summary>
    private static bool Takes(string ptx, Type[] types) {
        int[] sizes = [.. Parameter().Matches(ptx[..ptx.IndexOf('{', StringComparison.Ordinal)])
            .Select(match => match.Groups[2].Success
                ? int.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)
                : int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) / 8)];
        return sizes.SequenceEqual(types.Select(SizeOf));
    }

    private static int SizeOf(Type type) => type == typeof(ArrayView<float>) ? Unsafe.SizeOf<Slice>()
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private unsafe void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(KernelConfig config, T1 p1, T2 p2, T3 p3, T4 p4, T5 p5, T6 p6,
        T7 p7, T8 p8, T9 p9, T10 p10) where T1 : struct where T2 : struct where T3 : struct where T4 : struct where T5 : struct
        where T6 : struct where T7 : struct where T8 : struct where T9 : struct where T10 : struct {
        Slice* slices = stackalloc Slice[10];
        void** arguments = stackalloc void*[10];
        arguments[0] = Argument(ref p1, slices);
        arguments[1] = Argument(ref p2, slices + 1);
        arguments[2] = Argument(ref p3, slices + 2);
        arguments[3] = Argument(ref p4, slices + 3);
        arguments[4] = Argument(ref p5, slices + 4);
        arguments[5] = Argument(ref p6, slices + 5);
        arguments[6] = Argument(ref p7, slices + 6);
        arguments[7] = Argument(ref p8, slices + 7);
        arguments[8] = Argument(ref p9, slices + 8);
        arguments[9] = Argument(ref p10, slices + 9);
        CudaException.ThrowIfFailed(CudaAPI.CurrentAPI.LaunchKernel(function, config.GridDim.X, config.GridDim.Y, config.GridDim.Z,
            config.GroupDim.X, config.GroupDim.Y, config.GroupDim.Z, 0, ((CudaStream)accelerator.DefaultStream).StreamPtr,
            (nint)arguments, 0));
    }

    /// <summary>Where the driver finds a parameter, a variable of the launch: a view as ILGPU's kernels take it, else as it is.</summary>
    private static unsafe void* Argument<T>(ref T value, Slice* slice) where T : struct {
        if (typeof(T) != typeof(ArrayView<float>)) return Unsafe.AsPointer(ref value);
        ArrayView<float> view = Unsafe.As<T, ArrayView<float>>(ref value);
        *slice = view.IsValid ? new Slice(view.LoadEffectiveAddressAsPtr(), view.Length) : default;
        return slice;
    }

    [GeneratedRegex(@"\.param (?:\.align \d+ )?\.[bfsu](\d+) \w+(?:\[(\d+)\])?")]
    private static partial Regex Parameter();

    /// <summary>A view, as kernels take it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Slice(nint start, long length) {
        private readonly nint start = start;
        private readonly long length = length;
    }
}
