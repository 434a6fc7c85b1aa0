using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BatchNormGpu(GpuDevice gpu, NormGeometry norm, Tensor y, Tensor mean, Tensor inverse, Tensor x, Tensor? weight,
        Tensor? bias, Tensor runningMean, Tensor runningVariance, bool training, float momentum, float eps, bool relu,
        Tensor? residual) {
        if (training && norm.Rows > 0 && norm.Channels > 0) {
            MomentsGpu(gpu, mean, inverse, x, norm, eps, runningMean, runningVariance, momentum);
            runningMean.MarkChanged();
            runningVariance.MarkChanged();
        } else if (norm.Channels > 0) {
            gpu.Kernel(RunningStatisticsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, float>(RunningStatisticsKernel))
                ((norm.Channels + 3) / 4, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(runningMean), gpu.Floats(runningVariance), eps);
        }
        NormaliseGpu(gpu, y, x, mean, inverse, weight, bias, norm, relu, residual);
    }

    /// <summary>Four channels.</summary>
    internal static void RunningStatisticsKernel(Index1D i, ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> runningMean,
        ArrayView<float> runningVariance, float eps) {
        int c = 4 * i, count = mean.IntLength - c;
        Float4.Load(runningMean, c, count, 1).Store(mean, c, count, 1);
        InverseRoots(Float4.Load(runningVariance, c, count, 1), eps).Store(inverse, c, count, 1);
    }
}
