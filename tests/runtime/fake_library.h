// A library description written by hand in place of the compiler's, with bodies of a few lines. Not const, so that a
// test can make it another build; FakeLibrary restores it.
//   predict(x f32[2,3], t f32[], y f32[2,18] out, z f32[0] out): y = x w + t b, with w packed in panels
//   pure(a f64[4], c f64[4] out): c = 2 a, takes no model
//   answer(code i32[]): returns `code` as its status
//   hold(): waits until the test lets it go
//   team(): keeps the team that it was given in seenTeam
#pragma once
#include "graphc/abi.h"
#include <atomic>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

extern "C" graphc_library graphc_library_description;

namespace fake {

enum Entry : uint32_t { Predict, Pure, Answer, Hold, Team };
enum ParamIndex : uint32_t { W, B, S, E };
constexpr uint32_t entryCount = 5, paramCount = 4, levelCount = 2;
constexpr uint64_t paramsBytes = 640;

extern graphc_signature signature;
extern uint32_t levels[levelCount]; // 2 and 3
extern uint32_t answeringLevel;     // of the code of answer() that ran last
extern graphc_entry_info entries[entryCount];
extern graphc_param_info params[paramCount];
extern graphc_param_storage storage[paramCount];
extern std::atomic<int> holding; // how many calls stand in hold()
extern std::atomic<bool> release;
extern graphc_team seenTeam; // all null: none

/// Puts the description back as it was when the test began.
class Restore {
public:
  Restore();
  ~Restore();
  Restore(const Restore &) = delete;

private:
  graphc_library library;
  graphc_signature savedSignature;
  uint32_t savedLevels[levelCount];
  graphc_param_info savedParams[paramCount];
  graphc_param_storage savedStorage[paramCount];
};

/// Memory of exactly `bytes`, aligned to 64, optionally shifted.
class Memory {
public:
  explicit Memory(size_t bytes, unsigned char fill = 0xff)
      : data(static_cast<unsigned char *>(aligned_alloc(64, (bytes + 64 + 63) / 64 * 64))) {
    memset(data, fill, bytes + 64);
  }
  ~Memory() { free(data); }
  Memory(const Memory &) = delete;

  unsigned char *data;
};

/// A model and a context that a test can call with.
class Session {
public:
  explicit Session(uint64_t seed = 7);
  ~Session();
  Session(const Session &) = delete;

  graphc_status predict(const float *x, float t, float *y);
  std::string contextMessage() const { return graphc_abi_context_message(context); }
  std::string modelMessage() const { return graphc_abi_model_message(model); }
  /// All logical values of a param, by way of the model block.
  std::vector<float> values(uint32_t param) const;

  void *model = nullptr, *context = nullptr;
};

} // namespace fake
