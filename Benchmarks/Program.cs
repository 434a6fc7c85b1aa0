using System.Globalization;
using BenchmarkDotNet.Running;
using DenseEngine.Benchmarks;

// The comparison with other systems (peer/run.sh) starts this program as one of its workers.
if (args is ["peer", string folder, string threads, .. string[] once])
    return PeerWorker.Run(folder, int.Parse(threads, CultureInfo.InvariantCulture), once);

// The GPU's figures (docs/gpu-results.md), and the worker that they come from.
if (args is ["gpu", .. string[] options]) return GpuProgram.Run(options);
if (args is ["gpu-worker", string device, string results]) return GpuWorker.Run(device, results);

// Without arguments it asks what to run; for example: --filter '*Convolution*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
