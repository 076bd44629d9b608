// The generated dispatch of the op interfaces.
#include "dialects/graph/op_facts.h"

#include "dialects/graph/op_facts.cpp.inc"
