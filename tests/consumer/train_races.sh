# A training program under ThreadSanitizer: the library's own code, taken as LLVM IR, is instrumented like the program that trains with
# pools of 1, 2 and 3 threads and two models on two threads at once (train/train.h). Any race fails; two threads that train one model,
# which is the user's mistake, must be seen, or the instrumentation sees nothing.
source "$(dirname "$0")/setup.sh"
cd "$work"
# What LLVM's pass calls and gcc's runtime library lacks.
cat >shim.c <<'C'
#include <string.h>
void *__tsan_memcpy(void *to, const void *from, size_t n) { return memcpy(to, from, n); }
void *__tsan_memmove(void *to, const void *from, size_t n) { return memmove(to, from, n); }
void *__tsan_memset(void *to, int value, size_t n) { return memset(to, value, n); }
C
cat >mistake.c <<'C'
#include "accumulation.h"
#include <pthread.h>
#include <stdlib.h>
static accumulation_model *model;
static void *train(void *unused) {
  static const float x[8 * 64], target[8] = {1};
  accumulation_context *context = NULL;
  float loss;
  if (accumulation_context_create(NULL, &context) != GRAPHC_OK) exit(1);
  for (int n = 0; n < 20; ++n)
    if (accumulation_in_parts(context, model, 8, x, sizeof x, target, sizeof target, &loss) != GRAPHC_OK) exit(1);
  accumulation_context_destroy(context);
  return unused;
}
int main(void) {
  pthread_t threads[2];
  if (accumulation_model_create(NULL, &model) != GRAPHC_OK) return 1;
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, train, NULL);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  accumulation_model_destroy(model);
  return 0;
}
C
export TSAN_OPTIONS="halt_on_error=1 exitcode=66"
instrument() { # NAME: of a graph in train/; its object and header
  "$GRAPHC" build "$here/train/$1.json" --target=native -o "$1" >/dev/null
  "$GRAPHC" build "$here/train/$1.json" --target=native --emit=llvm | sed -E '/^define/ s/ \{$/ sanitize_thread {/' >"$1.ll"
  "$LLVM_BIN/opt" -passes='tsan-module,function(tsan)' "$1.ll" -o "$1.bc"
  "$LLVM_BIN/llc" -O1 -relocation-model=pic -filetype=obj "$1.bc" -o "$1.o"
}
for name in accumulation lenet; do
  instrument "$name"
  gcc -g -O1 -fsanitize=thread -pthread -I"$here/train" -I"$name" "$here/train/$name.c" shim.c "$name.o" -lm -o train
  # Without random addresses, which old versions of the sanitizer do not understand.
  setarch -R ./train || fail "a race in $name"
done
gcc -g -O1 -fsanitize=thread -pthread -Iaccumulation mistake.c shim.c accumulation.o -lm -o mistake
seen=0
setarch -R ./mistake 2>report || seen=$?
[ "$seen" = 66 ] && grep -q 'data race' report || fail "two threads that train one model raced unseen (exit $seen)"
