// A file of cases (tests/ops/<op>.json) as functions of one graph and calls of them. A case is a small function of the
// language; it becomes one function per choice and combination of sizes, and one more per choice whose sizes are named
// dims. `$name` is replaced in the text of types, formulas, nodes and value kinds, before the language sees it.
//
//   { "ulp": 2,                      // or by dtype: { "f32": 2, "else": 1 }, in the spacing of the dtype
//     "relative_to_max": 1e-6,       // for f32 and less; f64 gets 2^-29 of it
//     "values": "normal",            // of all inputs; element_values.h: special, positive, small ints, unit, sorted,
//                                    // distinct, "index below $n", "between -3 and 3"
//     "dtypes": ["f32", "f64"],      // $t; or "floats", "signed", "integers", "numbers", "all"
//     "cases": [
//       { "inputs": { "x": "f32[$m, 3]", "i": { "type": "i32[2]", "values": "index below $m" },
//                     "k": { "type": "i64[2]", "values": [0, -1] } },
//         "output": "gather(x, i, axis=0)", "sizes": { "m": [1, 7] } },
//       { "inputs": { "x": "$t[4, $n]" },
//         "nodes": [ { "op": "top_k", "in": "x", "out": ["v", "i"], "k": 2 } ], "outputs": ["v", "i"],
//         "sizes": { "n": [2, 33] }, "choices": { "u": ["i32", "i64"] },   // $u
//         "status": "INDEX",         // what the call must return; the reference must fail then too
//         "named": false,            // true (default): every size also as a dim; or a list of those that are; or false
//         "derived": false,          // it has no vjp
//         "recursive": { "max_depth": 9 },            // the function calls itself, as $self
//         "functions": { "g": { "inputs": ... } },    // others that it calls, as $g
//         "like_twin": false } ] }   // with dims it gives something else: random numbers depend on the function's name
//
// Each of ulp ... dtypes may stand in a case too and counts for it alone. A named dim runs from the least of its sizes
// to 256 or a power of two above.
#pragma once
#include "compiler/support/sources.h"
#include "graphc/abi.h"
#include "tests/models/element_values.h"
#include <map>

namespace graphc::test {

struct CaseInput {
  std::string dtypeAndShape; // "f32[7, 3]", sizes replaced
  ValueKind values;
};

struct CaseFunction {
  std::string name, text; // text: its JSON
  std::string shown;      // what a message calls it
  bool named = false;     // has named dims
};

/// A call of a function; `sizes` are those of its dims. A call of a function with named dims repeats the call `twin` of
/// the static one with its very inputs.
struct CaseCall {
  size_t function = 0;
  std::vector<CaseInput> inputs;
  std::map<std::string, int64_t> dims;
  Tolerance tolerance;
  graphc_status status = GRAPHC_OK;
  int twin = -1;
  bool likeTwin = true; // the results must be the twin's
};

struct CaseFile {
  std::vector<CaseFunction> functions;
  std::vector<CaseCall> calls;
  std::string dims; // JSON of the named dims

  /// A graph of some of the functions, all of them entries.
  std::string graph(llvm::ArrayRef<size_t> chosen) const;
};

/// Functions with named dims: none, or with them, or with dims of which a few sizes that are called are specialized.
enum class Named { No, Yes, Specialized };

/// `every`: one function in so many is kept. `derived`: in each function's place its vjp, behind whose inputs stand
/// cotangents; cases that have none (`"derived": false`) are left out. "" or what is wrong with the file.
std::string readCaseFile(llvm::StringRef path, unsigned every, Named named, CaseFile &file, bool derived = false);

} // namespace graphc::test
