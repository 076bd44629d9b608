// "custom_derivative" of a function (R29): the rules that its author gives, checked against its signature and brought
// into the standard form that the autodiff stage calls (dialects/graph/custom_derivative.h).
#pragma once
#include "compiler/frontend/program.h"

namespace graphc::frontend {

/// Gives rules to every function, in each mode, that was built and whose rules were. Mistakes are reported at the rule,
/// and the function counts as invalid, so that its derivatives get no follow-up errors.
void attachCustomDerivatives(Program &program);

} // namespace graphc::frontend
