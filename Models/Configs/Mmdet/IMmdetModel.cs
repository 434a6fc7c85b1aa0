namespace DenseEngine.Models;

/// <summary>A configuration class that can be read from mmdetection's text; <see cref="MmdetConfig"/> finds all of them.</summary>
internal interface IMmdetModel {
    /// <summary>mmdetection's name of it, <c>model.type</c>.</summary>
    static abstract string ModelType { get; }

    /// <summary>Heads by which it is known whatever <c>model.type</c> says: some official repositories train a head of their own under
    /// another detector's name.</summary>
    static virtual IReadOnlyList<string> HeadTypes => [];

    /// <summary>The configuration; what all detectors have in common is filled in afterwards.</summary>
    /// <param name="text">The text; of <see cref="MmdetText.Model"/> every key that matters must be taken.</param>
    /// <param name="classes">The classes' names, by the number that the head has.</param>
    static abstract DetectorConfig FromMmdet(MmdetText text, MmdetClasses classes);

    /// <summary>How it selects detections, <c>test_cfg</c>.</summary>
    static virtual TestConfig ReadTest(MmdetText text) => MmdetTest.Read(text);
}
