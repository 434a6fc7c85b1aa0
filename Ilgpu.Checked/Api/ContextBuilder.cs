using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU;

public sealed partial class Context {
    /// <summary>Collects devices and options. Options of the real compiler are taken and mean nothing here.</summary>
    public sealed class Builder {
        internal Builder() { }

        internal List<Device> Found { get; } = [];

        /// <summary>All devices.</summary>
        public Builder Default() => AllAccelerators();

        /// <summary>All devices: here, the checking CPU device.</summary>
        public Builder AllAccelerators() => this.DefaultCPU();

        /// <summary>The level of optimisation.</summary>
        public Builder Optimize(OptimizationLevel level) => this;

        /// <summary>The exactness of mathematics.</summary>
        public Builder Math(MathMode mathMode) => this;

        /// <summary>Assertions in kernels.</summary>
        public Builder Assertions() => this;

        /// <summary>Timing of launches.</summary>
        public Builder Profiling() => this;

        /// <summary>Finishes.</summary>
        public Context ToContext() => new(this);
    }
}
