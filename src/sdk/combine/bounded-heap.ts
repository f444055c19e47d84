import type { Comparator } from './order.ts';

/**
 * A function that adds to a heap of the first `n` elements in the order of `compare` and returns it. The root is the
 * last of them, so that most elements of a long input are turned away by one comparison.
 */
export function boundedHeap<T>(n: number, compare: Comparator<T>): (heap: T[], element: T) => T[] {
  return (heap, element) => {
    if (heap.length < n) {
      let at = heap.push(element) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (compare(heap[parent], element) >= 0) break;
        heap[at] = heap[parent];
        at = parent;
      }
      heap[at] = element;
      return heap;
    }
    if (compare(element, heap[0]) >= 0) return heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= n) break;
      if (child + 1 < n && compare(heap[child + 1], heap[child]) > 0) child++;
      if (compare(heap[child], element) <= 0) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = element;
    return heap;
  };
}
