/**
 * Works on items in parallel and yields the results in the order of the items.
 *
 * @param width - how many are under way at a time, results that wait for their turn included
 * @param work - must not reject
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running: Promise<R>[] = []
  try {
    for (const item of items) {
      if (running.length === width) yield (await running.shift()) as R
      running.push(work(item))
    }
    while (running.length > 0) yield (await running.shift()) as R
  } finally {
    // Nothing goes on behind the back of a caller who has stopped asking.
    await Promise.all(running)
  }
}
