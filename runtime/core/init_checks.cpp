// See init_checks.h. There is no object yet, hence no message: each failure has a status of its own.
#include "core/init_checks.h"
#include "core/processor_level.h"

using namespace graphc::runtime;

graphc_status graphc::runtime::checkOptions(const graphc_options *options) {
  if (!options) return GRAPHC_OK;
  if (!isAligned(options, alignof(graphc_options))) return GRAPHC_ERR_ALIGN;
  // Another size means fields that this library cannot honour, or misses.
  if (options->size != sizeof(graphc_options)) return GRAPHC_ERR_VERSION;
  if (options->pool && !options->parallel_for) return GRAPHC_ERR_NULL; // a pool that nobody would ask
  return GRAPHC_OK;
}

graphc_status graphc::runtime::checkMemory(const void *memory, size_t bytes, uint64_t wanted) {
  if (!memory) return GRAPHC_ERR_NULL;
  if (!isAligned(memory, GRAPHC_ALIGN)) return GRAPHC_ERR_ALIGN;
  return bytes < wanted ? GRAPHC_ERR_SIZE : GRAPHC_OK;
}

graphc_status graphc::runtime::checkBuild(uint64_t hash) {
  if (processorLevel() < signature().levels[0]) return GRAPHC_ERR_DEVICE;
  return hash && hash != signature().hash ? GRAPHC_ERR_VERSION : GRAPHC_OK;
}

graphc_status graphc::runtime::chooseLevel(const graphc_options *options, uint32_t &position) {
  uint32_t wanted = options ? options->level : 0, most = processorLevel();
  for (position = signature().level_count; position-- > 0;) {
    uint32_t level = signature().levels[position];
    if (level <= most && (!wanted || level == wanted)) return GRAPHC_OK;
  }
  return GRAPHC_ERR_DEVICE;
}
