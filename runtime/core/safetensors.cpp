// The reader behind graphc/safetensors.h. The header is parsed anew by each pass (count, fill, visit) by one routine
// that trusts nothing, so bytes that change under us can give wrong names but no access outside the buffer.
#include "graphc/safetensors.h"
#include "core/dtype.h"
#include "core/heap_sort.h"
#include "core/json_text.h"
#include <stdlib.h>
#include <string.h>

using namespace graphc::runtime;

static constexpr uint64_t lengthBytes = 8, maxHeaderBytes = 100000000; // the Rust crate's limit

namespace {

using Visit = int (*)(void *env, const graphc_safetensors_tensor *);

struct Row { // of the table that the overlap and duplicate checks sort
  uint64_t begin, end, hash;
  JsonString name;
};
static_assert(sizeof(Row) == 40, "stated in safetensors.h; no tensor takes fewer bytes in the header");

struct Table {
  Row *rows;
  uint64_t count, capacity;
};

} // namespace

static bool readDtype(JsonReader &reader, graphc_safetensors_tensor &tensor) {
  JsonString name;
  if (!reader.readString(name)) return false;
  tensor.dtype = UINT32_MAX;
  for (uint32_t i = 0; i < dtypeCount; ++i)
    if (compare(name, dtypes[i].fileName) == 0) tensor.dtype = i;
  return true;
}

static bool readShape(JsonReader &reader, graphc_safetensors_tensor &tensor) {
  tensor.rank = 0;
  if (!reader.expect('[')) return false;
  if (reader.take(']')) return true;
  do {
    uint64_t dim;
    if (!reader.readUnsigned(dim)) return false;
    if (dim > INT64_MAX) return reader.fail("number too large");
    if (tensor.rank == GRAPHC_SAFETENSORS_MAX_RANK) return reader.fail("more than 16 dims");
    tensor.dims[tensor.rank++] = static_cast<int64_t>(dim);
  } while (reader.take(','));
  return reader.expect(']');
}

/// Leaves begin and end, relative to the data, in begin and bytes.
static bool readOffsets(JsonReader &reader, graphc_safetensors_tensor &tensor) {
  return reader.expect('[') && reader.readUnsigned(tensor.begin) && reader.expect(',') &&
         reader.readUnsigned(tensor.bytes) && reader.expect(']');
}

/// Turns relative begin and end into place and size, and checks them against the file and the shape.
static bool placeTensor(JsonReader &reader, const graphc_safetensors &file, graphc_safetensors_tensor &tensor) {
  JsonString name = {tensor.name, tensor.name_bytes};
  uint64_t begin = tensor.begin, end = tensor.bytes;
  if (begin > end) return reader.fail(name, "ends before it begins");
  if (end > file.file_bytes - file.data_begin) return reader.fail(name, "ends past the end of the file");
  tensor.begin = file.data_begin + begin;
  tensor.bytes = end - begin;
  uint64_t wanted = tensor.dtype < dtypeCount ? dtypes[tensor.dtype].bytes : 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    if (__builtin_mul_overflow(wanted, static_cast<uint64_t>(tensor.dims[i]), &wanted))
      return reader.fail(name, "has a shape too large to exist");
  if (tensor.dtype < dtypeCount && wanted != tensor.bytes)
    return reader.fail(name, "has a shape that does not match its bytes");
  return true;
}

static bool readTensor(JsonReader &reader, const graphc_safetensors &file, graphc_safetensors_tensor &tensor) {
  enum { Dtype = 1, Shape = 2, Offsets = 4 };
  int seen = 0;
  JsonString name = {tensor.name, tensor.name_bytes};
  if (!reader.expect('{')) return false;
  if (reader.take('}')) return reader.fail(name, "lacks dtype, shape and data_offsets");
  do {
    JsonString key;
    if (!reader.readString(key) || !reader.expect(':')) return false;
    int field = compare(key, "dtype") == 0          ? Dtype
                : compare(key, "shape") == 0        ? Shape
                : compare(key, "data_offsets") == 0 ? Offsets
                                                    : 0;
    if (!field) return reader.fail(name, "has a field other than dtype, shape and data_offsets");
    if (seen & field) return reader.fail(name, "has a field twice");
    seen |= field;
    bool read = field == Dtype   ? readDtype(reader, tensor)
                : field == Shape ? readShape(reader, tensor)
                                 : readOffsets(reader, tensor);
    if (!read) return false;
  } while (reader.take(','));
  if (!reader.expect('}')) return false;
  if (seen != (Dtype | Shape | Offsets)) return reader.fail(name, "lacks one of dtype, shape and data_offsets");
  return placeTensor(reader, file, tensor);
}

/// An object of strings; its content is not ours.
static bool readMetadata(JsonReader &reader) {
  if (!reader.expect('{')) return false;
  if (reader.take('}')) return true;
  do {
    JsonString key, value;
    if (!reader.readString(key) || !reader.expect(':') || !reader.readString(value)) return false;
  } while (reader.take(','));
  return reader.expect('}');
}

/// The one parse. False: failed. `stopped` is what `visit` returned last.
static bool readHeader(JsonReader &reader, const graphc_safetensors &file, Visit visit, void *env, int &stopped) {
  bool metadata = false;
  stopped = 0;
  if (!reader.expect('{')) return false;
  bool more = !reader.take('}');
  while (more) {
    JsonString name;
    if (!reader.readString(name) || !reader.expect(':')) return false;
    if (compare(name, "__metadata__") == 0) {
      if (metadata) return reader.fail("__metadata__ stands there twice");
      metadata = true;
      if (!readMetadata(reader)) return false;
    } else {
      graphc_safetensors_tensor tensor = {};
      tensor.name = name.text;
      tensor.name_bytes = name.bytes;
      if (!readTensor(reader, file, tensor)) return false;
      if ((stopped = visit(env, &tensor))) return true;
    }
    more = reader.take(',');
    if (!more && !reader.expect('}')) return false;
  }
  return reader.atEnd() || reader.fail("text after the header's object");
}

static JsonReader headerReader(const graphc_safetensors &file, Message *message) {
  return JsonReader(file.file, file.file + lengthBytes, file.file + file.data_begin, message);
}

static int countTensor(void *env, const graphc_safetensors_tensor *) {
  ++*static_cast<uint64_t *>(env);
  return 0;
}

static int addRow(void *env, const graphc_safetensors_tensor *tensor) {
  Table &table = *static_cast<Table *>(env);
  if (table.count == table.capacity) return 1; // the bytes changed since they were counted
  JsonString name = {tensor->name, tensor->name_bytes};
  table.rows[table.count++] = {tensor->begin, tensor->begin + tensor->bytes, hash(name), name};
  return 0;
}

/// The tensors' ranges must tile the data: no hole, no overlap, nothing behind the last.
static bool checkTiling(Table &table, const graphc_safetensors &file, Message &message) {
  auto earlier = [](const Row &a, const Row &b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; };
  bool sorted = true;
  for (uint64_t i = 1; i < table.count && sorted; ++i) sorted = !earlier(table.rows[i], table.rows[i - 1]);
  if (!sorted) heapSort(table.rows, table.count, earlier);
  uint64_t expected = file.data_begin;
  for (uint64_t i = 0; i < table.count; ++i) {
    const Row &row = table.rows[i];
    if (row.begin != expected) {
      message << "tensor ";
      message.quoted(row.name.text, row.name.bytes)
          << (row.begin < expected ? " overlaps another tensor" : " leaves a hole before it") << ", it begins at byte "
          << row.begin << " and not at " << expected;
      return false;
    }
    expected = row.end;
  }
  if (expected == file.file_bytes) return true;
  message << "the tensors end at byte " << expected << ", the file at " << file.file_bytes;
  return false;
}

static bool checkNames(Table &table, Message &message) {
  heapSort(table.rows, table.count,
           [](const Row &a, const Row &b) { return a.hash != b.hash ? a.hash < b.hash : compare(a.name, b.name) < 0; });
  for (uint64_t i = 1; i < table.count; ++i) {
    const Row &row = table.rows[i];
    if (row.hash != table.rows[i - 1].hash || compare(row.name, table.rows[i - 1].name) != 0) continue;
    message << "tensor ";
    message.quoted(row.name.text, row.name.bytes) << " stands there twice";
    return false;
  }
  return true;
}

extern "C" {

graphc_status graphc_safetensors_measure(const void *first, uint64_t file_bytes, uint64_t *data_begin, char *text) {
  Message message(text, text ? GRAPHC_SAFETENSORS_MESSAGE : 0);
  if (file_bytes < lengthBytes) {
    message << "the file has " << file_bytes << " bytes, too few for a safetensors file";
    return GRAPHC_ERR_FORMAT;
  }
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<const unsigned char *>(first)[i];
  if (length > file_bytes - lengthBytes) {
    message << "the header claims " << length << " bytes, the file has " << file_bytes - lengthBytes
            << " after its length";
    return GRAPHC_ERR_FORMAT;
  }
  if (length > maxHeaderBytes) {
    message << "the header has " << length << " bytes, more than " << maxHeaderBytes;
    return GRAPHC_ERR_FORMAT;
  }
  *data_begin = lengthBytes + length;
  return GRAPHC_OK;
}

graphc_status graphc_safetensors_open(const void *bytes, uint64_t file_bytes, graphc_safetensors *out, char *text) {
  graphc_safetensors file = {static_cast<const unsigned char *>(bytes), file_bytes, 0, 0};
  graphc_status status = graphc_safetensors_measure(bytes, file_bytes, &file.data_begin, text);
  if (status != GRAPHC_OK) return status;
  Message message(text, text ? GRAPHC_SAFETENSORS_MESSAGE : 0);
  const unsigned char *begin = file.file + lengthBytes, *end = file.file + file.data_begin;
  if (begin == end || *begin != '{') {
    message << "the header does not begin with '{'";
    return GRAPHC_ERR_FORMAT;
  }
  if (const unsigned char *bad = findInvalidUtf8(begin, end)) {
    message << "header byte " << static_cast<uint64_t>(bad - file.file) << ": not valid UTF-8";
    return GRAPHC_ERR_FORMAT;
  }
  int stopped;
  JsonReader counting = headerReader(file, &message);
  if (!readHeader(counting, file, countTensor, &file.tensor_count, stopped)) return GRAPHC_ERR_FORMAT;
  Table table = {nullptr, 0, file.tensor_count};
  if (table.capacity) {
    table.rows = static_cast<Row *>(malloc(table.capacity * sizeof(Row)));
    if (!table.rows) {
      message << "out of memory for the table of " << table.capacity << " tensors";
      return GRAPHC_ERR_MEMORY;
    }
  }
  JsonReader filling = headerReader(file, &message);
  bool valid = readHeader(filling, file, addRow, &table, stopped);
  if (valid && (stopped || table.count != table.capacity)) {
    message << "the file changed while it was read";
    valid = false;
  }
  valid = valid && checkTiling(table, file, message) && checkNames(table, message);
  free(table.rows);
  if (!valid) return GRAPHC_ERR_FORMAT;
  *out = file;
  return GRAPHC_OK;
}

int graphc_safetensors_visit(const graphc_safetensors *file, Visit visit, void *env) {
  int stopped;
  JsonReader reader = headerReader(*file, nullptr);
  readHeader(reader, *file, visit, env, stopped);
  return stopped;
}

int graphc_safetensors_find(const graphc_safetensors *file, const char *name, graphc_safetensors_tensor *out) {
  struct Search {
    const char *name;
    graphc_safetensors_tensor *out;
  } search = {name, out};
  auto visit = [](void *env, const graphc_safetensors_tensor *tensor) {
    Search &search = *static_cast<Search *>(env);
    if (compare({tensor->name, tensor->name_bytes}, search.name) != 0) return 0;
    *search.out = *tensor;
    return 1;
  };
  return graphc_safetensors_visit(file, visit, &search);
}
}
