// Who uses whom among functions and layers, known before anything is built: an order in which callees come first, an
// error for definitions that use themselves (G1015), and the number of nodes that inlining everything would make,
// bounded beforehand (G1016).
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {
struct CallOrder {
  std::vector<std::string> calleesFirst; // all definitions; those on or above a cycle are marked invalid (reported)
  std::set<std::string> trained;         // functions that some function of mode train may call
};
CallOrder callOrder(Program &program);
} // namespace graphc::frontend
