using Xunit;

namespace DenseEngine.Tests;

/// <summary>A test that needs the .NET SDK and the built projects; skipped in a bundle, which has neither.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SdkFactAttribute : FactAttribute {
    public SdkFactAttribute() {
        if (Started.FromBundle) Skip = "a bundle has no SDK";
    }
}
