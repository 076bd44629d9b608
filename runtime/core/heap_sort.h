// Heap sort: in place, no recursion, O(n log n) whatever the input. For tables that hostile files fill.
#pragma once
#include <stddef.h>

namespace graphc::runtime {

template <typename T, typename Less> void siftDown(T *items, size_t root, size_t count, const Less &less) {
  for (;;) {
    size_t child = 2 * root + 1;
    if (child >= count) return;
    if (child + 1 < count && less(items[child], items[child + 1])) ++child;
    if (!less(items[root], items[child])) return;
    T moved = items[root];
    items[root] = items[child];
    items[child] = moved;
    root = child;
  }
}

template <typename T, typename Less> void heapSort(T *items, size_t count, const Less &less) {
  for (size_t root = count / 2; root-- > 0;) siftDown(items, root, count, less);
  for (size_t last = count; last-- > 1;) {
    T moved = items[0];
    items[0] = items[last];
    items[last] = moved;
    siftDown(items, 0, last, less);
  }
}

} // namespace graphc::runtime
