// A library with named dims and state made by hand, beside sample_library.h.
//   scale(B 1..512, T 0..16; x f32[B,T], k f64) -> y f32[B,T], n i64[]   y = x * k by way of the workspace, n = B*T;
//                                                                        requires T <= B + 8; B = 13 is ERR_INDEX
//   step(T 0..16; half f16, flag bool) -> total i64[]                    writes the model: steps += T, total = steps
#pragma once
#include "tests/codegen/sample_library.h"

namespace graphc::test {

support::LibraryDescription dimsLibrary(const std::string &name);
/// The same with bodies of their own for calls of scale: n = 1000 + T where B = 5; ERR_INDEX where also T = 3.
support::LibraryDescription specializedLibrary(const std::string &name);
/// The bodies, as LLVM dialect text.
extern const char *const dimsBodies;
std::string writeDimsLibrary(const support::LibraryDescription &library, const std::string &folder);

} // namespace graphc::test
