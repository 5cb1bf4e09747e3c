import test from 'ava'
import fc from 'fast-check'
import { mining } from '../../src/index.js'
import type { MiningEngine } from '../../src/mining/batchSource.js'
import { minedClasses } from '../../src/mining/minedClasses.js'
import { labelledData } from '../protocols/labelledData.js'

/** An engine that chooses the candidates from the given one on, and says what it was asked. */
function choosingInOrder() {
  const asked: { images: Int32Array; labels: Int32Array; count: number; firsts: Int32Array }[] = []
  const none = () => Promise.reject(new Error('not asked for'))
  const engine: MiningEngine = {
    ...{ embed: none, similarities: none },
    async mine(images, labels, selection, firsts) {
      const { count } = JSON.parse(selection)
      asked.push({ images, labels, count, firsts })
      return Int32Array.from(
        Array.from(firsts).flatMap((first) => Array.from({ length: count }, (_, i) => (first + i) % labels.length)),
      )
    },
  }
  return { asked, engine }
}

const runs = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 8, maxLength: 20 }).map((sizes) => [...sizes, 3, 3, 3]),
  candidates: fc.integer({ min: 2, max: 25 }),
  every: fc.integer({ min: 1, max: 4 }),
  accumulate: fc.integer({ min: 1, max: 2 }),
  images: fc.integer({ min: 2, max: 3 }),
  seed: fc.nat(1e9),
})

test('batches hold different images of different classes, the chosen ones first, then random others', async (t) => {
  let filled = 0
  await fc.assert(
    fc.asyncProperty(runs, async ({ sizes, candidates, every, accumulate, images, seed }) => {
      const data = labelledData(sizes)
      const labelOf = (id: number) => data.labels[data.images.indexOf(id)] as number
      const usable = sizes.filter((size) => size >= images).length
      const count = Math.min(3, usable)
      const plan = mining.hardNegativeClasses({ candidates, every })
      const batch = { type: 'classBalanced', classes: count, imagesPerClass: images, accumulate, mining: plan } as const
      const { asked, engine } = choosingInOrder()
      const steps = 6
      const make = () => minedClasses({ data, batch, seed, steps }).start(engine)
      const source = make()
      const all: Int32Array[] = []
      for (let k = 0; k < steps * accumulate; k++) all.push(await source.batch(k))
      const chosen = asked.flatMap(({ labels, count, firsts }) =>
        Array.from(firsts, (first) =>
          Array.from({ length: count }, (_, i) => labels[(first + i) % labels.length] as number),
        ),
      )
      const good = all.every((ids, k) => {
        const labels = Array.from(ids.subarray(0, count), labelOf)
        const mined = chosen[k] as number[]
        if (mined.length < count) filled++
        const whole = Array.from({ length: images }, (_, i) =>
          Array.from(ids.subarray(i * count, (i + 1) * count), labelOf),
        )
        return (
          new Set(ids).size === images * count &&
          new Set(labels).size === count &&
          mined.every((label, i) => labels[i] === label) &&
          whole.every((column) => column.every((label, i) => label === labels[i]))
        )
      })
      const asks = asked.every(({ images: ids, labels, firsts }, window) => {
        const [one, other] = [ids.subarray(0, labels.length), ids.subarray(labels.length)]
        return (
          labels.length === Math.min(candidates, usable) &&
          new Set(labels).size === labels.length &&
          firsts.length === Math.min(every, steps - window * every) * accumulate &&
          new Set(firsts).size === Math.min(firsts.length, labels.length) &&
          labels.every(
            (label, i) =>
              labelOf(one[i] as number) === label && labelOf(other[i] as number) === label && one[i] !== other[i],
          )
        )
      })
      // Gone on from any step with what the checkpoint of it would hold.
      for (const step of [1, 2, 3, 5]) {
        const before = make()
        for (let k = 0; k < step * accumulate; k++) await before.batch(k)
        const after = make()
        await after.restore(step, JSON.parse(JSON.stringify(before.state(step) ?? null)) ?? undefined)
        for (let k = step * accumulate; k < steps * accumulate; k++)
          if ((await after.batch(k)).join() !== all[k]?.join()) return false
      }
      return good && asks && source.nextStart(0) === every
    }),
    { numRuns: 100, seed: 3 },
  )
  t.true(filled > 10, 'some had fewer candidates than classes in a batch')
})
