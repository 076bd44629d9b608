// The one packed layout: panels of 16 columns, 64 bytes per group of k (1 f32, 2 bf16, 4 i8) at every ISA level, so
// memory, images and parameters do not depend on the level; only register tiles do.
#pragma once
#include "graphc/abi.h"
#include <cstdint>

namespace graphc::lower {
inline constexpr int64_t panelColumns = GRAPHC_PANEL_COLUMNS;
} // namespace graphc::lower
