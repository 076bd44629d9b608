// Coefficients of the polynomials of expand_*.cpp, lowest power first; f32's are f32 numbers. Written by
// tools/dev/math_coefficients.py, which says what each approximates; the error given is before rounding to the type.
#pragma once

namespace graphc::lower::coefficients {

// weighted error 2^-61.7
constexpr double exp64[] = {0x1.0000000000000p-1,  0x1.5555555555559p-3,  0x1.555555555555ap-5,  0x1.111111110f647p-7,
                            0x1.6c16c16c1437fp-10, 0x1.a01a01b0137f2p-13, 0x1.a01a01b0f488dp-16, 0x1.71ddf7d2969e9p-19,
                            0x1.27e4c520e0ec8p-22, 0x1.af5fb38ee3cb6p-26, 0x1.1f962633a6080p-29};

// weighted error 2^-26.1
constexpr double exp32[] = {0x1.0000000000000p-1, 0x1.5554ae0000000p-3, 0x1.5554860000000p-5, 0x1.1229120000000p-7,
                            0x1.6d9a260000000p-10};

// weighted error 2^-23.2
constexpr double expBehindTable32[] = {0x1.0001ee0000000p-1, 0x1.5557640000000p-3};

// weighted error 2^-58.5
constexpr double log64[] = {0x1.5555555555593p-1, 0x1.999999997fb2bp-2, 0x1.24924942189f6p-2, 0x1.c71c51e6e26bcp-3,
                            0x1.7466466e38b56p-3, 0x1.39a0edceecdf4p-3, 0x1.2f0ddb10fc2e3p-3};

// weighted error 2^-29.2
constexpr double log32[] = {0x1.55557a0000000p-1, 0x1.995e9e0000000p-2, 0x1.31e63c0000000p-2};

// weighted error 2^-71.8
constexpr double pow64[] = {0x1.24924924927d2p-2, 0x1.c71c71c658ff5p-3, 0x1.745d17d80c4efp-3, 0x1.3b1377fe9a887p-3,
                            0x1.111dd77b65d0ap-3, 0x1.de9cf347965a7p-4, 0x1.e7edcc4953301p-4};

// weighted error 2^-63.2
constexpr double sinh64[] = {0x1.5555555555556p-3,  0x1.11111111110a1p-7,  0x1.a01a01a029200p-13, 0x1.71de3a45f6d0ap-19,
                             0x1.ae646766d4908p-26, 0x1.611a3a0142b00p-33, 0x1.b4cf82854c101p-41};

// weighted error 2^-34.0
constexpr double sinh32[] = {0x1.5555560000000p-3, 0x1.1111360000000p-7, 0x1.9ffe120000000p-13, 0x1.7a26720000000p-19};

// weighted error 2^-58.0
constexpr double sin64[] = {-0x1.5555555555549p-3, 0x1.111111110f842p-7,   -0x1.a01a019c0a1e5p-13,
                            0x1.71de3570ee19ep-19, -0x1.ae5e60b5bbc8ap-26, 0x1.5d91593e93ab3p-33};

// weighted error 2^-28.0
constexpr double sin32[] = {-0x1.5555460000000p-3, 0x1.1107560000000p-7, -0x1.994b640000000p-13};

// weighted error 2^-64.2
constexpr double cos64[] = {0x1.555555555554cp-5,   -0x1.6c16c16c15141p-10, 0x1.a01a019cab8e8p-16,
                            -0x1.27e4f80546c0fp-22, 0x1.1ee9e89db6402p-29,  -0x1.8facd818cc370p-37};

// weighted error 2^-33.3
constexpr double cos32[] = {0x1.55554a0000000p-5, -0x1.6c0c820000000p-10, 0x1.99ff840000000p-16};

// weighted error 2^-59.5
constexpr double atan64[] = {-0x1.555555555553dp-2, 0x1.9999999995863p-3, -0x1.24924922ad9afp-3, 0x1.c71c70e6332b3p-4,
                             -0x1.745cf8e05df4dp-4, 0x1.3b11195410addp-4, -0x1.10ebb9caeaa93p-4, 0x1.df0f50ad2da79p-5,
                             -0x1.9cd2841aa0276p-5, 0x1.37d43c5e730c9p-5, -0x1.25656380f9f3bp-6};

// weighted error 2^-30.5
constexpr double atan32[] = {-0x1.55554a0000000p-2, 0x1.9991a60000000p-3, -0x1.23b6360000000p-3, 0x1.b1fa220000000p-4,
                             -0x1.f22b6a0000000p-5};

// weighted error 2^-59.8
constexpr double asin64[] = {0x1.5555555555578p-3, 0x1.333333332df12p-4, 0x1.6db6db722b800p-5, 0x1.f1c71a8b95533p-6,
                             0x1.6e8bdfe729e5dp-6, 0x1.1c49ddfadc105p-6, 0x1.ca2144a1d7e1cp-7, 0x1.75778c72d5544p-7,
                             0x1.618ab40e56420p-7, 0x1.e15c308822775p-9, 0x1.6501933bc6173p-6, -0x1.59f5b8cbc9cc6p-6,
                             0x1.0be41a3a529d2p-5};

// weighted error 2^-31.7
constexpr double asin32[] = {0x1.55554c0000000p-3, 0x1.3338920000000p-4, 0x1.6cabc00000000p-5,
                             0x1.04aab20000000p-5, 0x1.d7ac2c0000000p-7, 0x1.33d5cc0000000p-5};

// weighted error 2^-57.0
constexpr double erf64[] = {0x1.06eba8214db68p-3,   -0x1.812746b0379c2p-2,  0x1.ce2f21a041018p-4,
                            -0x1.b82ce312062bcp-6,  0x1.565bccfa9a825p-8,   -0x1.c02db072f3fe0p-11,
                            0x1.f9a2bf73f0c68p-14,  -0x1.f4ca94990cb86p-17, 0x1.b9827b1885f9bp-20,
                            -0x1.5c16e30fb0d45p-23, 0x1.d784936618cc2p-27,  -0x1.acdff90b8ebd8p-31};

// weighted error 2^-29.7
constexpr double erf32[] = {0x1.06eba80000000p-3, -0x1.81273e0000000p-2,  0x1.ce2d200000000p-4, -0x1.b7fbb40000000p-6,
                            0x1.5419f20000000p-8, -0x1.a485d60000000p-11, 0x1.4ae4900000000p-14};

// weighted error 2^-62.4
constexpr double erfc64[] = {
    -0x1.d97fbf27aa2a1p+0,  -0x1.51c9b0006c23cp+1,  -0x1.afabc11a29042p-1,  -0x1.5477f09c8e7bcp-5,
    0x1.48c9d40674567p-7,   -0x1.033f68e34575ap-9,  0x1.f1b48272d7f4cp-13,  0x1.b8c4a75e167e7p-16,
    -0x1.c769c35220488p-16, 0x1.41950e34e0900p-17,  -0x1.101d118f2f737p-19, 0x1.de47fed9d0ebdp-24,
    0x1.034441dc05258p-23,  -0x1.16bc27915688ep-24, 0x1.5bcb7696419f9p-26,  -0x1.3463c5cb3292bp-28,
    0x1.8bacd9792d24fp-31,  -0x1.5f8547d967acbp-34, 0x1.83853de8e872cp-38,  -0x1.8ee61f1e8c952p-43};

// weighted error 2^-29.9
constexpr double erfcNear32[] = {-0x1.72e3ea0000000p-12, -0x1.2085b20000000p+0, -0x1.46c5860000000p-1,
                                 -0x1.a60a6c0000000p-4,  0x1.6541d80000000p-6,  -0x1.814c120000000p-9,
                                 0x1.852bb00000000p-13};

// weighted error 2^-32.0
constexpr double expShort64[] = {0x1.0000002851a20p-1, 0x1.55555589dc885p-3,  0x1.5554ac8dd6541p-5,
                                 0x1.11108e4e29e43p-7, 0x1.6d75db1ebb482p-10, 0x1.a1a3423913294p-13};

// weighted error 2^-43.9
constexpr double logShort64[] = {0x1.555555561f254p-1, 0x1.999996a693626p-2, 0x1.2494132fd0f45p-2, 0x1.c62aa1abb89e3p-3,
                                 0x1.911c89a7becbbp-3};

} // namespace graphc::lower::coefficients
