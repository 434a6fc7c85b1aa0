using DenseEngine.Models;
using DenseEngine.Ops;
using Xunit;

namespace DenseEngine.Tests;

/// <summary>A detector of the published size, its weights made by PyTorch, against PyTorch.</summary>
public class FullSizeTests {
    private const string Height = "416", Width = "608";

    [PythonFact("torch", "torchvision")]
    public void Raw_outputs_of_gfl_r50_equal_those_of_pytorch() {
        string folder = Directory.CreateTempSubdirectory("dense-r50-").FullName;
        try {
            Python.Run(Path.Combine(Fixtures.Repository, "Benchmarks", "peer", "gfl_r50.py"), folder, Height, Width);
            using var scope = new TensorScope();
            using var detector = (DenseDetector)Detector.Load(Path.Combine(folder, "gfl_r50.pth"));
            using CheckpointFile peer = CheckpointFile.Open(Path.Combine(folder, "gfl_r50.safetensors"));
            using var noGrad = new NoGrad();
            IReadOnlyList<HeadOutput> outputs = detector.Forward(Op.Permute(peer.Read("input"), 0, 2, 3, 1));
            for (int level = 0; level < outputs.Count; level++) {
                Same($"out.cls_score.{level}", outputs[level].Scores);
                Same($"out.bbox_pred.{level}", outputs[level].Boxes);
            }
            Assert.Equal(2 * outputs.Count + 1, peer.Entries.Count);

            void Same(string name, Tensor actual) {
                Tensor expected = peer.Read(name);
                double largest = expected.ToArray().Max(value => Math.Abs((double)value));
                Compare.Close("full size", name, expected, FixtureCase.Nchw(actual), 1e-4 * largest, 0);
            }
        } finally {
            Directory.Delete(folder, recursive: true);
        }
    }
}
