using Xunit;

namespace DenseEngine.Tests;

/// <summary>What is changed in ILGPU's PTX, and what is left to it.</summary>
public class PtxPromotionTests {
    private const string Kernel = """
        .visible .entry Kernel_K(
        	.param .align 8 .b8 _y_1[16]
        )
        {
        	.local .align 4 .b8 __local_depot0[4];
        	.shared .align 16 .b8 __shared_alloca0[64];
        	.reg .b64	%rd<9>;

        	mov.b64	%rd1, __local_depot0;
        	ld.param.b64	%rd2, [_y_1];
        	@%p1 ld.v4.f32	{%f1, %f2, %f3, %f4}, [%rd2];
        	ld.f32	%f5, [%rd2+16];
        	ld.shared.f32	%f6, [%rd3];
        	st.local.b32	[%rd1], %f1;
        	ld.local.b32	%r1, [%rd1];
        	cvt.rna.tf32.f32	%r1, %f1;
        	st.local.b32	[%rd1], %r1;
        	st.v2.f32	[%rd2], {%f1, %f2};
        	st.shared.v4.b32	[%rd3], {%r1, %r1, %r1, %r1};
        	ret;
        }
        """;

    [Fact]
    public void Operands_get_registers_and_addresses_a_space() => Assert.Equal("""
        .visible .entry Kernel_K(
        	.param .align 8 .b8 _y_1[16]
        )
        {
        	.reg .b32 %promoted___local_depot0;
        	.shared .align 16 .b8 __shared_alloca0[64];
        	.reg .b64	%rd<9>;

        	ld.param.b64	%rd2, [_y_1];
        	@%p1 ld.global.v4.f32	{%f1, %f2, %f3, %f4}, [%rd2];
        	ld.global.f32	%f5, [%rd2+16];
        	ld.shared.f32	%f6, [%rd3];
        	mov.b32 %promoted___local_depot0, %f1;
        	mov.b32 %r1, %promoted___local_depot0;
        	cvt.rna.tf32.f32	%r1, %f1;
        	mov.b32 %promoted___local_depot0, %r1;
        	st.global.v2.f32	[%rd2], {%f1, %f2};
        	st.shared.v4.b32	[%rd3], {%r1, %r1, %r1, %r1};
        	ret;
        }
        """, PtxPromotion.Apply(Kernel));

    [Theory]
    [InlineData("__local_depot0[4]", "__local_depot0[64]")]
    [InlineData("ld.local.b32\t%r1, [%rd1]", "ld.local.b32\t%r1, [%rd1+4]")]
    [InlineData("ld.local.b32\t%r1, [%rd1]", "ld.local.b64\t%rd5, [%rd1]")]
    [InlineData("ld.local.b32\t%r1, [%rd1]", "add.s64\t%rd5, %rd1, 4")]
    [InlineData("ld.f32\t%f5, [%rd2+16]", "cvta.local.u64\t%rd5, %rd1")]
    [InlineData("ld.f32\t%f5, [%rd2+16]", "mov.b64\t%rd5, __local_depot1")]
    [InlineData("st.local.b32\t[%rd1], %r1", "st.local.b32\t[%rd4], %r1")]
    public void What_is_not_as_expected_is_left_alone(string from, string to) {
        Assert.Contains(from, Kernel, StringComparison.Ordinal);
        Assert.Null(PtxPromotion.Apply(Kernel.Replace(from, to, StringComparison.Ordinal)));
    }
}
