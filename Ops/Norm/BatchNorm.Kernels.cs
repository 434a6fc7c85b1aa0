using ILGPU;
using ILGPU.Runtime;

namespace DenseEngine.Ops;

public static partial class Op {
    private static void BatchNormGpu(GpuDevice gpu, NormGeometry norm, Tensor y, Tensor mean, Tensor inverse, Tensor x, Tensor? weight,
        Tensor? bias, Tensor runningMean, Tensor runningVariance, bool training, float momentum, float eps) {
        if (training && norm.Rows > 0 && norm.Channels > 0) {
            MomentsGpu(gpu, mean, inverse, x, norm, eps, runningMean, runningVariance, momentum);
            runningMean.MarkChanged();
            runningVariance.MarkChanged();
        } else if (norm.Channels > 0) {
            gpu.Kernel(RunningStatisticsKernel, a => a.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, ArrayView<float>,
                ArrayView<float>, ArrayView<float>, float>(RunningStatisticsKernel))
                (norm.Channels, gpu.Floats(mean), gpu.Floats(inverse), gpu.Floats(runningMean), gpu.Floats(runningVariance), eps);
        }
        NormaliseGpu(gpu, y, x, mean, inverse, weight, bias, norm);
    }

    internal static void RunningStatisticsKernel(Index1D c, ArrayView<float> mean, ArrayView<float> inverse, ArrayView<float> runningMean,
        ArrayView<float> runningVariance, float eps) {
        mean[c] = runningMean[c];
        inverse[c] = 1 / MathF.Sqrt(runningVariance[c] + eps);
    }
}
