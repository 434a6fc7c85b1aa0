using ILGPU.Runtime;

namespace ILGPU.Checking;

/// <summary>A kernel did what no device allows: the message says what, where in memory, which thread, and which line.</summary>
internal sealed class KernelFaultException(string message) : AcceleratorException(message) {
    public override AcceleratorType AcceleratorType => AcceleratorType.CPU;
}
