namespace ILGPU.Runtime.CPU;

/// <summary>Runs kernels on the calling thread, one thread of the group after the other, with every access checked.</summary>
public sealed class CPUAccelerator : Accelerator {
    internal CPUAccelerator(Context context, CPUDevice device) : base(context, device) { }
}
