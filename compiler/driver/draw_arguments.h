// Where gradcheck looks: the inputs of an entry.
#pragma once
#include "compiler/driver/check_gradients.h"

namespace graphc::driver {

/// Inputs that the request gives, others drawn: normal numbers, or in the attempts behind that what keeps logarithms
/// and roots finite. Integers are 0 and 1. "" or why there are none.
std::string drawArguments(mlir::func::FuncOp entry, const GradientRequest &request, unsigned attempt,
                          HostTensors &arguments);

} // namespace graphc::driver
