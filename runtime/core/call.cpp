// The way into an entry: everything a caller can get wrong is checked before any tensor is touched, in the order model,
// dims, workspace, then per tensor size, null, alignment, then aliasing. Never allocates. Whoever wins `enter` owns the
// context, message included, until `leave`.
#include "core/context.h"
#include "core/dtype.h"
#include "core/entry_dims.h"
#include "core/model.h"

using namespace graphc::runtime;

namespace {

struct Range {
  const void *begin;
  uint64_t bytes;
};

/// One call's arguments beside what the entry wants.
struct Arguments {
  const graphc_entry_info &entry;
  const int64_t *dims;
  void *const *args;
  const uint64_t *bytes;

  /// After checkArgument, which found `bytes` to be what the tensor has.
  Range range(uint32_t i) const { return {args[i], bytes[i]}; }
};

} // namespace

/// Written so that no sum can wrap.
static bool overlap(Range a, Range b) {
  uintptr_t first = reinterpret_cast<uintptr_t>(a.begin), second = reinterpret_cast<uintptr_t>(b.begin);
  if (!a.bytes || !b.bytes) return false;
  return first < second ? second - first < a.bytes : first - second < b.bytes;
}

static graphc_status checkArgument(const Arguments &call, uint32_t i, Context *context) {
  const graphc_tensor_info &wanted = call.entry.args[i];
  uint64_t bytes;
  if (!tensorBytes(call.entry, wanted, call.dims, bytes)) {
    context->say().quoted(wanted.name) << " has no size that fits 64 bits with these dims";
    return GRAPHC_ERR_SHAPE;
  }
  if (call.bytes[i] != bytes) {
    Message message = context->say();
    message.quoted(wanted.name) << " is ";
    writeType(message, call.entry, wanted, call.dims);
    message << " and needs " << bytes << " bytes, but " << call.bytes[i] << " were given";
    return GRAPHC_ERR_SIZE;
  }
  if (!bytes) return GRAPHC_OK;
  if (!call.args[i]) {
    context->say().quoted(wanted.name) << " is null";
    return GRAPHC_ERR_NULL;
  }
  uint32_t alignment = wanted.dtype < dtypeCount ? dtypes[wanted.dtype].bytes : 1;
  if (!isAligned(call.args[i], alignment)) {
    context->say().quoted(wanted.name) << " is not aligned to " << uint64_t(alignment) << " bytes";
    return GRAPHC_ERR_ALIGN;
  }
  return GRAPHC_OK;
}

/// Outputs must be alone; inputs may overlap each other, but nothing may lie in memory that the call works in.
static graphc_status checkAliasing(const Arguments &call, Context *context, const void *model) {
  Range workspace = {context, context->bytes()}, params = {model, model ? modelBytes() : 0};
  for (uint32_t i = 0; i < call.entry.arg_count; ++i) {
    const graphc_tensor_info &info = call.entry.args[i];
    bool output = info.direction == GRAPHC_OUTPUT, guarded = output || call.entry.writes_model;
    if (overlap(call.range(i), workspace) || (guarded && overlap(call.range(i), params))) {
      context->say().quoted(info.name) << " lies inside the memory of the "
                                       << (overlap(call.range(i), workspace) ? "context" : "model");
      return GRAPHC_ERR_ALIAS;
    }
    for (uint32_t j = 0; output && j < call.entry.arg_count; ++j) {
      if (i == j || !overlap(call.range(i), call.range(j))) continue;
      Message message = context->say();
      message.quoted(info.name) << " is an output and overlaps ";
      message.quoted(call.entry.args[j].name);
      return GRAPHC_ERR_ALIAS;
    }
  }
  return GRAPHC_OK;
}

static graphc_status checkCallModel(const graphc_entry_info &entry, const void *model, Context *context) {
  if (!entry.needs_model) return GRAPHC_OK;
  graphc_status status = checkModel(model);
  if (status != GRAPHC_OK) {
    context->say() << (status == GRAPHC_ERR_NULL ? "the model is null"
                                                 : "the model pointer is no model that this library made");
    return status;
  }
  if (uint32_t waiting = static_cast<const Model *>(model)->waiting) {
    Message message = context->say();
    message << "param ";
    message.quoted(signature().params[waiting - 1].path) << " has no values yet, load a weights file first";
    return GRAPHC_ERR_FORMAT;
  }
  return GRAPHC_OK;
}

static graphc_status checkWorkspace(uint32_t index, const int64_t *dims, Context *context) {
  uint64_t needed = contextBytesFor(index, dims);
  if (needed <= context->bytes()) return GRAPHC_OK;
  Message message = context->say();
  message.quoted(signature().entries[index].name)
      << " with these dims needs a context of " << needed << " bytes, but this one has " << context->bytes();
  return GRAPHC_ERR_MEMORY;
}

/// What the body found while it ran.
static void explain(const graphc_entry_info &entry, graphc_status status, const char *limited, Message message) {
  message.quoted(entry.name);
  if (limited)
    message << limited;
  else if (status == GRAPHC_ERR_INDEX)
    message << " was given an index that lies outside the tensor it is for";
  else
    message << " stopped with " << graphc_abi_status_name(status);
}

static graphc_status run(uint32_t index, Context *context, void *model, const int64_t *dims, void *const *args,
                         const uint64_t *bytes) {
  if (index >= signature().entry_count) {
    context->say() << "the library has no entry " << uint64_t(index);
    return GRAPHC_ERR_VERSION;
  }
  const graphc_entry_info &entry = signature().entries[index];
  graphc_status status = checkCallModel(entry, model, context);
  if (status == GRAPHC_OK) status = checkDims(entry, dims, context->say());
  if (status == GRAPHC_OK) status = checkWorkspace(index, dims, context);
  if (status != GRAPHC_OK) return status;
  if (entry.arg_count && (!args || !bytes)) {
    context->say() << "the list of arguments is null";
    return GRAPHC_ERR_NULL;
  }
  Arguments call = {entry, dims, args, bytes};
  for (uint32_t i = 0; i < entry.arg_count && status == GRAPHC_OK; ++i) status = checkArgument(call, i, context);
  if (status == GRAPHC_OK) status = checkAliasing(call, context, entry.needs_model ? model : nullptr);
  if (status != GRAPHC_OK) return status;
  // An image used in place stays read-only: only entries with writes_model write, and such a library has no image in
  // place.
  void *params = entry.needs_model ? const_cast<char *>(static_cast<Model *>(model)->params()) : nullptr;
  const graphc_team *team = context->team.parallel_for ? &context->team : nullptr;
  graphc_body body = library().entries[index].bodies[context->level];
  int32_t found = body(args, params, context->arena(), dims, team);
  const char *limited = found <= -256 ? library().limits[-found / 256 - 1] : nullptr;
  status = static_cast<graphc_status>(-(-found % 256));
  if (status != GRAPHC_OK) explain(entry, status, limited, context->say());
  return status;
}

extern "C" {

graphc_status graphc_abi_call(uint32_t entry, void *pointer, void *model, const int64_t *dims, void *const *args,
                              const uint64_t *bytes) {
  graphc_status status = checkContext(pointer);
  if (status != GRAPHC_OK) return status;
  Context *context = static_cast<Context *>(pointer);
  if (!context->enter()) return GRAPHC_ERR_BUSY;
  context->message[0] = 0;
  status = run(entry, context, model, dims, args, bytes);
  context->leave();
  return status;
}

uint64_t graphc_abi_entry_context_bytes(uint32_t index, const int64_t *dims) {
  if (index >= signature().entry_count) return 0;
  if (checkDims(signature().entries[index], dims, Message(nullptr, 0)) != GRAPHC_OK) return 0;
  return contextBytesFor(index, dims);
}
}
