using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine;

/// <summary>A device driven by ILGPU. Work is queued on one stream, in order; only transfers to the host wait for it.</summary>
public sealed class GpuDevice : Device, IDisposable {
    private readonly Context context;
    private readonly Accelerator accelerator;
    private readonly KernelCache kernels;
    private readonly Staging staging;
    private readonly KernelReports reports;
    private readonly ConcurrentDictionary<nint, MemoryBuffer1D<float, Stride1D.Dense>> blocks = new();
    private long lastBlock;
    private int disposed;

    private GpuDevice(string name, Context context, Accelerator accelerator, PlayedGpu played) {
        (Name, this.context, this.accelerator) = (name, context, accelerator);
        kernels = new KernelCache(accelerator);
        HasShuffles = played.Shuffles && GpuContext.HasShuffles(accelerator);
        staging = new Staging(accelerator);
        reports = new KernelReports(accelerator);
        Pool = new BlockPool(Allocate, Free, block => Tell(block, GpuContext.Kept), block => Tell(block, GpuContext.Reused));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override BlockPool Pool { get; }

    /// <summary>What it is.</summary>
    public DeviceDescription Description => Describe(Name, accelerator.Device);

    /// <summary>How often the host waited for the device.</summary>
    internal long Waits => staging.Waits;

    /// <summary>The names of the devices that there are, GPUs first: <c>cuda:0</c>, <c>opencl:0</c>, and last the processor running the
    /// same kernels (<c>checked</c>, with every access checked, where ILGPU's packages are not there; else <c>ilgpu-cpu</c>).</summary>
    public static IReadOnlyList<string> Names() {
        using Context context = GpuContext.Create(PlayedGpu.FromEnvironment());
        return [.. Named(context).Select(named => named.Name)];
    }

    /// <summary>The same devices, with what they are.</summary>
    public static IReadOnlyList<DeviceDescription> Describe() {
        using Context context = GpuContext.Create(PlayedGpu.FromEnvironment());
        return [.. Named(context).Select(named => Describe(named.Name, named.Device))];
    }

    /// <summary>Opens a device by its name; without one, the first there is.</summary>
    /// <exception cref="DeviceException">There is no device of that name.</exception>
    public static GpuDevice Open(string? name = null) => Open(name, PlayedGpu.FromEnvironment());

    /// <summary>Opens a device; should it be the processor, it plays the GPU described.</summary>
    internal static GpuDevice Open(string? name, PlayedGpu played) {
        Context context = GpuContext.Create(played);
        try {
            (string Name, ILGPU.Runtime.Device Device)[] all = [.. Named(context)];
            (string Name, ILGPU.Runtime.Device Device) found = Array.Find(all, named => name is null || named.Name == name);
            if (found.Name is null) throw new DeviceException(
                $"There is no device '{name}'; there are {string.Join(", ", all.Select(named => named.Name))}.");
            return new GpuDevice(found.Name, context, GpuContext.CreateAccelerator(context, found.Device, played), played);
        } catch {
            context.Dispose();
            throw;
        }
    }

    /// <summary>Whether the threads of a warp can exchange values directly. Some OpenCL devices cannot.</summary>
    public bool HasShuffles { get; }

    /// <summary>Whether convolutions are computed as plain sums only, never by Winograd's transforms: less than half the rounding error,
    /// and an infinity or NaN reaches only the outputs that see it. False, unless the environment says <c>DENSE_EXACT=1</c>.</summary>
    public bool Exact { get; set; } = Environment.GetEnvironmentVariable("DENSE_EXACT") == "1";

    /// <summary>Whether <see cref="Precision"/> may be set to a value.</summary>
    public bool Supports(Precision precision) => precision == Precision.Float32 || GpuContext.LacksTensorCores(accelerator) is null;

    /// <summary>How exact the factors of matrix products and convolutions are: in single precision unless set otherwise. Each operation
    /// asks when it is queued, its gradient when that is.</summary>
    /// <exception cref="DeviceException">The device lacks the precision: it takes an NVIDIA GPU of compute capability 8.0 or higher. The
    /// processor plays one.</exception>
    public Precision Precision {
        get;
        set {
            if (value != Precision.Float32 && GpuContext.LacksTensorCores(accelerator) is { } why) throw new DeviceException(
                $"{Name}: {value} takes an NVIDIA GPU of compute capability 8.0 or higher, but {why}.");
            field = value;
        }
    }

    /// <summary>The launcher of a kernel, loaded now or before; for operations.</summary>
    /// <param name="kernel">The kernel: a static method, closed if generic.</param>
    /// <param name="load">Loads it on the default stream.</param>
    public TLauncher Kernel<TLauncher>(Delegate kernel, Func<Accelerator, TLauncher> load) where TLauncher : Delegate {
        accelerator.Bind();
        return kernels.Get(kernel, load);
    }

    /// <summary>The launcher of a kernel with groups of its own and ten parameters, whose PTX is improved before an NVIDIA GPU's driver
    /// gets it: operands of instructions are in registers, and addresses of global memory (docs/kernels.md). Elsewhere as
    /// <see cref="Kernel"/>.</summary>
    /// <param name="kernel">The kernel: a static method, closed if generic.</param>
    /// <param name="load">Loads it as ILGPU compiles it, on the default stream.</param>
    /// <param name="specialization">The most threads of a group, and the least groups that a multiprocessor shall take.</param>
    public TLauncher MatrixKernel<TLauncher>(Delegate kernel, Func<Accelerator, TLauncher> load,
        KernelSpecialization specialization = default) where TLauncher : Delegate => Kernel(
            kernel, accelerator => GpuContext.LoadPromoted<TLauncher>(accelerator, kernel.Method, specialization) ?? load(accelerator));

    /// <summary>The kernels that were loaded.</summary>
    internal IEnumerable<System.Reflection.MethodInfo> Kernels => kernels.Kernels;

    /// <summary>The elements of a tensor of this device, as kernels see them.</summary>
    /// <exception cref="DeviceException">The tensor is elsewhere.</exception>
    public ArrayView<float> Floats(Tensor tensor) {
        if (tensor.Device != this) throw new DeviceException(
            $"The tensor {tensor} is on {tensor.Device.Name}, not on {Name}; move it with To(device).");
        return blocks[tensor.Storage.Block].View.BaseView.SubView(0, tensor.Count);
    }

    /// <summary>The integers of a tensor of this device, as kernels see them.</summary>
    /// <exception cref="DeviceException">The tensor is elsewhere.</exception>
    public ArrayView<int> Integers(Tensor tensor) => Floats(tensor).Cast<int>();

    /// <summary>What a kernel about to be launched says with that its data are wrong; the host learns of it when it next waits for the
    /// device, in <see cref="Synchronize"/> or in fetching any tensor, and throws a <see cref="ShapeException"/> there.</summary>
    /// <param name="message">Says what is wrong, given the place that the kernel notes and the value that stands there.</param>
    public KernelReport Report(Func<int, int, string> message) {
        accelerator.Bind();
        return reports.Open(message);
    }

    /// <inheritdoc/>
    public override void Fill(Tensor target, float value) {
        float bits = target.DType == DType.Float32 ? value : BitConverter.Int32BitsToSingle((int)value);
        if (target.Count > 0) Kernel(FillKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float>(FillKernel))(
            Fours(target.Count), Floats(target), bits);
    }

    /// <inheritdoc/>
    public override void Copy(Tensor source, Tensor target) {
        Check.That(source.Count == target.Count, $"Copy: the source has shape {source.Shape}, the target {target.Shape}.");
        accelerator.Bind();
        if (source.Count > 0) Floats(source).CopyTo(accelerator.DefaultStream, Floats(target));
    }

    /// <inheritdoc/>
    public override void AddInto(Tensor source, Tensor target) {
        Check.Shape("AddInto", "source", source, target.Shape);
        if (source.Count == 0) return;
        Kernel(AddIntoKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>>(AddIntoKernel))
            ((Fours(source.Count) + 1) / 2, Floats(source), Floats(target));
    }

    /// <inheritdoc/>
    public override unsafe void Upload(ReadOnlySpan<byte> source, Tensor target) {
        Check.That(
            source.Length == 4L * target.Count, $"Upload: {source.Length} bytes are given for {target}, which has {4L * target.Count}.");
        accelerator.Bind();
        if (source.IsEmpty || staging.TryUpload(source, Floats(target))) return;
        fixed (byte* from = source)
            Floats(target).CopyFromCPU(accelerator.DefaultStream, ref Unsafe.AsRef<float>(from), target.Count);
    }

    /// <inheritdoc/>
    public override unsafe void Download(Tensor source, Span<byte> target) {
        Check.That(
            target.Length == 4L * source.Count, $"Download: {target.Length} bytes are given for {source}, which has {4L * source.Count}.");
        accelerator.Bind();
        if (target.IsEmpty) return;
        staging.Synchronize();
        reports.ThrowIfAny();
        fixed (byte* to = target)
            Floats(source).CopyToCPU(accelerator.DefaultStream, ref Unsafe.AsRef<float>(to), source.Count);
    }

    /// <summary>Waits for all queued work.</summary>
    /// <exception cref="ShapeException">A kernel found its data wrong (<see cref="Report"/>).</exception>
    public void Synchronize() {
        accelerator.Bind();
        staging.Synchronize();
        reports.ThrowIfAny();
    }

    /// <summary>How long the device takes for work that is queued, by its own events; null where it has none.</summary>
    internal TimeSpan? Time(Action queue) {
        accelerator.Bind();
        return GpuContext.Time(accelerator.DefaultStream, queue);
    }

    /// <summary>Frees the memory of all tensors, kernels and the device, which may be broken: after a fault a GPU fails in all it is asked,
    /// which was said when results were fetched.</summary>
    public void Dispose() {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        Quietly(accelerator.Bind);
        Quietly(staging.Synchronize);
        Quietly(staging.Dispose);
        Quietly(reports.Dispose);
        foreach (nint block in blocks.Keys) Quietly(() => Free(block));
        Quietly(accelerator.Dispose);
        Quietly(context.Dispose);
    }

    private static void Quietly(Action free) {
        try {
            free();
        } catch (AcceleratorException) {
        }
    }

    private static DeviceDescription Describe(string name, ILGPU.Runtime.Device device) =>
        new(name, device.Name.Trim('\0', ' '), device.MemorySize < long.MaxValue ? device.MemorySize : 0, GpuContext.Driver(device),
            name == GpuContext.CpuName);

    private static IEnumerable<(string Name, ILGPU.Runtime.Device Device)> Named(Context context) {
        int cuda = 0, opencl = 0;
        foreach (ILGPU.Runtime.Device device in context.Devices.OrderBy(device => device.AcceleratorType == AcceleratorType.CPU)) {
            yield return (device.AcceleratorType switch {
                AcceleratorType.Cuda => FormattableString.Invariant($"cuda:{cuda++}"),
                AcceleratorType.OpenCL => FormattableString.Invariant($"opencl:{opencl++}"),
                _ => GpuContext.CpuName,
            }, device);
        }
    }

    private nint Allocate(long bytes) {
        accelerator.Bind();
        MemoryBuffer1D<float, Stride1D.Dense> buffer;
        try {
            buffer = accelerator.Allocate1D<float>(bytes / 4);
        } catch (Exception e) when (e is AcceleratorException or OutOfMemoryException) {
            throw new OutOfDeviceMemoryException($"{Name}: {bytes} bytes cannot be allocated.", e);
        }
        nint block = (nint)Interlocked.Increment(ref lastBlock);
        blocks[block] = buffer;
        return block;
    }

    private void Tell(nint block, Action<MemoryBuffer> what) {
        if (blocks.TryGetValue(block, out MemoryBuffer1D<float, Stride1D.Dense>? buffer)) what(buffer);
    }

    private void Free(nint block) {
        if (!blocks.TryRemove(block, out MemoryBuffer1D<float, Stride1D.Dense>? buffer)) return;
        accelerator.Bind();
        buffer.Dispose();
    }

    private static int Fours(int count) => (int)(((uint)count + 3) >> 2);

    private static void FillKernel(Index1D i, ArrayView<float> target, float value) =>
        Float4.Splat(value).Store(target, 4 * i, target.IntLength - 4 * i, 1);

    /// <summary>Two times four elements a thread, half the tensor apart, so that four loads are on their way.</summary>
    private static void AddIntoKernel(Index1D i, ArrayView<float> source, ArrayView<float> target) {
        int second = i + ((Fours(target.IntLength) + 1) >> 1);
        if (second < target.IntLength >> 2) {
            ArrayView<Float4> from = source.Cast<Float4>(), to = target.Cast<Float4>();
            Float4 a = from[i], b = from[second], c = to[i], d = to[second];
            to[i] = Float4.Affine(c, a, 1);
            to[second] = Float4.Affine(d, b, 1);
            return;
        }
        AddFour(i, source, target);
        AddFour(second, source, target);
    }

    private static void AddFour(int four, ArrayView<float> source, ArrayView<float> target) {
        int at = 4 * four, count = target.IntLength - at;
        Float4 sum = Float4.Load(target, at, count, 1);
        Float4.MultiplyAdd(ref sum, 1, Float4.Load(source, at, count, 1));
        sum.Store(target, at, count, 1);
    }
}
