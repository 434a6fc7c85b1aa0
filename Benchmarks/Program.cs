using BenchmarkDotNet.Running;

// Without arguments it asks what to run; for example: --filter '*Convolution*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
