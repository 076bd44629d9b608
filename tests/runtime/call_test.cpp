// Calls that are right: values, messages, no allocation, one call at a time per context, many contexts on one model.
#include "fake_library.h"
#include "faults.h"
#include <catch2/catch.hpp>
#include <thread>

using namespace fake;

static const float x[6] = {1, 2, 3, -1, 0.5f, 0};

static std::vector<float> expected(const Session &session, float t) {
  std::vector<float> w = session.values(W), b = session.values(B), y(36);
  for (int i = 0; i < 36; ++i) {
    y[i] = t * b[i % 18];
    for (int k = 0; k < 3; ++k) y[i] += x[i / 18 * 3 + k] * w[k * 18 + i % 18];
  }
  return y;
}

TEST_CASE("sizes: the functions give what abi.h and the signature state") {
  CHECK(graphc_abi_model_bytes() == GRAPHC_MODEL_HEADER_BYTES + paramsBytes);
  CHECK(graphc_abi_context_bytes() == GRAPHC_CONTEXT_HEADER_BYTES + 256); // 216 rounded up
  CHECK(graphc_abi_signature()->model_bytes == graphc_abi_model_bytes());
  CHECK(graphc_abi_signature()->context_bytes == graphc_abi_context_bytes());
  Restore restore;
  alignas(64) static const char image[paramsBytes] = {};
  graphc_library_description.image = image;
  CHECK(graphc_abi_model_bytes() == GRAPHC_MODEL_HEADER_BYTES);
}

TEST_CASE("call: an entry computes with the model's params") {
  Session session;
  float y[36];
  REQUIRE(session.predict(x, 2, y) == GRAPHC_OK);
  CHECK(std::vector<float>(y, y + 36) == expected(session, 2));
  CHECK(session.contextMessage().empty());
}

TEST_CASE("call: model and context in the caller's memory, nothing written outside") {
  size_t modelBytes = graphc_abi_model_bytes(), contextBytes = graphc_abi_context_bytes();
  Memory modelMemory(modelBytes), contextMemory(contextBytes);
  Session session;
  void *created[] = {session.model, session.context};
  REQUIRE(graphc_abi_model_init(modelMemory.data, modelBytes, nullptr, &session.model) == GRAPHC_OK);
  REQUIRE(graphc_abi_context_init(contextMemory.data, contextBytes, nullptr, &session.context) == GRAPHC_OK);
  CHECK(session.model == modelMemory.data);
  float y[36];
  REQUIRE(session.predict(x, 1, y) == GRAPHC_OK);
  CHECK(std::vector<float>(y, y + 36) == expected(session, 1));
  for (int i = 0; i < 64; ++i) {
    REQUIRE(modelMemory.data[modelBytes + i] == 0xff);
    REQUIRE(contextMemory.data[contextBytes + i] == 0xff);
  }
  session.model = created[0];
  session.context = created[1];
}

TEST_CASE("call: an embedded image is used in place") {
  Restore restore;
  alignas(64) static float image[paramsBytes / 4];
  for (float &value : image) value = 0.5f;
  graphc_library_description.image = image;
  Session session;
  float y[36];
  REQUIRE(session.predict(x, 2, y) == GRAPHC_OK);
  CHECK(y[0] == 0.5f * 6 + 2 * 0.5f);
  CHECK(graphc_abi_load(session.model, "any") == GRAPHC_ERR_FORMAT);
  CHECK(session.modelMessage() == "the library carries its weights inside and cannot load others");
}

TEST_CASE("call: an entry without model takes none, and clears the last message") {
  Session session;
  double a[4] = {1, 2, 3, 4}, c[4];
  void *args[] = {a, c};
  uint64_t bytes[] = {32, 31};
  CHECK(graphc_abi_call(Pure, session.context, nullptr, nullptr, args, bytes) == GRAPHC_ERR_SIZE);
  CHECK(session.contextMessage() == "'c' is f64[4] and needs 32 bytes, but 31 were given");
  bytes[1] = 32;
  REQUIRE(graphc_abi_call(Pure, session.context, nullptr, nullptr, args, bytes) == GRAPHC_OK);
  CHECK(c[3] == 8);
  CHECK(session.contextMessage().empty());
}

TEST_CASE("call: never allocates") {
  Session session;
  float y[36];
  faults::reset();
  for (int i = 0; i < 100; ++i) session.predict(x, 1, y);
  session.predict(x, 1, nullptr); // nor does a refused one
  graphc_abi_context_message(session.context);
  CHECK(faults::allocations == 0);
  Session counted; // the counter does count
  CHECK(faults::allocations == 2);
}

TEST_CASE("create: out of memory is a status") {
  void *made = &made;
  faults::failAllocation(1);
  CHECK(graphc_abi_model_create(nullptr, &made) == GRAPHC_ERR_MEMORY);
  CHECK(made == nullptr);
  faults::failAllocation(1);
  CHECK(graphc_abi_context_create(nullptr, &made) == GRAPHC_ERR_MEMORY);
  CHECK(made == nullptr);
  faults::reset();
}

TEST_CASE("call: a second call on a context in use is BUSY and leaves it alone") {
  Session session;
  release = false;
  graphc_status first = GRAPHC_ERR_NULL;
  std::thread other([&] { first = graphc_abi_call(Hold, session.context, nullptr, nullptr, nullptr, nullptr); });
  while (holding != 1) std::this_thread::yield();
  float y[36];
  CHECK(session.predict(x, 1, y) == GRAPHC_ERR_BUSY);
  CHECK(graphc_abi_call(99, session.context, nullptr, nullptr, nullptr, nullptr) == GRAPHC_ERR_BUSY);
  Session second; // another context is free meanwhile
  CHECK(second.predict(x, 1, y) == GRAPHC_OK);
  release = true;
  other.join();
  CHECK(first == GRAPHC_OK);
  CHECK(session.predict(x, 1, y) == GRAPHC_OK);
}

TEST_CASE("call: one model serves many contexts at once") {
  Session session;
  std::vector<float> wanted = expected(session, 3);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      void *context = nullptr;
      wrong += graphc_abi_context_create(nullptr, &context) != GRAPHC_OK;
      for (int n = 0; n < 500; ++n) {
        float y[36], t = 3;
        void *args[] = {const_cast<float *>(x), &t, y, nullptr};
        const uint64_t bytes[] = {24, 4, 144, 0};
        wrong += graphc_abi_call(Predict, context, session.model, nullptr, args, bytes) != GRAPHC_OK;
        wrong += std::vector<float>(y, y + 36) != wanted;
      }
      graphc_abi_context_destroy(context);
    });
  for (std::thread &thread : threads) thread.join();
  CHECK(wrong == 0);
}
