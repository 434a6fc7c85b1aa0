using ILGPU;
using ILGPU.Checking;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace DenseEngine.Tests;

/// <summary>A checking accelerator for one test.</summary>
public sealed class CheckedAccelerator : IDisposable {
    private readonly Context context;

    public CheckedAccelerator(CPUDevice? device = null, bool reversed = false) {
        context = Context.Create(builder => builder.CPU(device ?? CPUDevice.Nvidia).EnableAlgorithms());
        Accelerator = context.GetPreferredDevice(preferCPU: false).CreateAccelerator(context);
        Accelerator.Runner.Reversed = reversed;
    }

    public Accelerator Accelerator { get; }

    public ArrayView<T> New<T>(int length) where T : unmanaged => Accelerator.Allocate1D<T>(length).View;

    public ArrayView<T> With<T>(params T[] values) where T : unmanaged => Accelerator.Allocate1D(values).View;

    public ArrayView<float> Ramp(int length) => With([.. Enumerable.Range(0, length).Select(i => (float)i)]);

    /// <summary>The message of the fault that a launch must end with.</summary>
    public static string Fault(Action launch) {
        string message = Xunit.Assert.Throws<KernelFaultException>(launch).Message;
        return message;
    }

    public void Dispose() => context.Dispose();
}
