// What a library built for a profile (graphc bench --profile) says about itself: one description per kern.run, made by
// lower, and a hook that its code calls around each, defined by codegen. Ordinary libraries have neither.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace graphc::support {

/// A node of the graph that a run does, or a part of: one op of it.
struct ProfiledNode {
  std::string name, op; // path of the node in its function; op of the graph dialect, may be ""
  std::string file;     // "": no place is known (ONNX)
  unsigned line = 0, column = 0;
};

struct ProfiledRun {
  enum class Packing { None, AtBuild, AtLoad, PerCall }; // of a contraction's right-hand matrix
  std::string function;                                  // that holds it: symbol of a body
  std::string kernel;                                    // symbol
  std::string builder;                                   // of kern.kernel; "call": a function, whose runs come inside
  std::string result;                                    // "f32[64, 512]", "?" where dims decide
  std::string level;                                     // ISA level
  Packing packing = Packing::None;
  bool vectors = false; // its code has vectors of its own
  bool shared = false;  // several threads may do it
  std::vector<ProfiledNode> nodes;
};

/// Called before a run (its position among LibraryDescription::runs, its floating-point operations and the bytes of
/// its operands, each counted once) and after it (-1, 0, 0). Runs of a called function come between the two of its
/// call.
using ProfileHook = void (*)(int64_t run, int64_t flops, int64_t bytes);

/// Symbol of the function that bodies call; codegen defines it as a call of the hook, if one is set in the variable
/// <library><profileHookSuffix>, a ProfileHook.
inline constexpr const char *profileFunction = "graphc.profile";
inline constexpr const char *profileHookSuffix = "_profile_hook";

} // namespace graphc::support
