import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { inOrder } from '../../src/data/inOrder.js'
import { Random } from '../../src/random.js'

test('results keep the order of the items, no more are under way than allowed, and as many', async (t) => {
  for (const [count, width] of [
    [0, 3],
    [1, 3],
    [3, 3],
    [40, 1],
    [40, 7],
  ] as const) {
    const random = new Random(count, 'report')
    let [running, most] = [0, 0]
    const items = Array.from({ length: count }, (_, i) => i)
    const found: number[] = []
    for await (const square of inOrder(items, width, async (i) => {
      most = Math.max(most, ++running)
      await setTimeout(random.below(4))
      running--
      return i * i
    }))
      found.push(square)
    t.deepEqual(
      found,
      items.map((i) => i * i),
    )
    t.is(most, Math.min(count, width))
  }
})

test('a caller who stops asking gets control when nothing is under way any more', async (t) => {
  let [started, ended] = [0, 0]
  for await (const _ of inOrder([1, 2, 3, 4, 5, 6, 7, 8, 9], 4, async (ms) => {
    started++
    await setTimeout(5 * ms)
    ended++
  }))
    break
  t.is(ended, started)
  t.true(started >= 4 && started < 9, String(started))
})
