import { readFile } from 'node:fs/promises'
import test from 'ava'
import { type Batch, type BatchOptions, resolveBatch } from '../../src/config/batch.js'
import { createSampler } from '../../src/sampling/create.js'
import { labelledData } from '../protocols/labelledData.js'
import { referenceTriplets } from '../reference/losses.js'

/** The table of docs/mining.md: what N = 60 queries cost in each scheme. */

const n = 60
const pairs: BatchOptions = { pairs: n }
const tuplets = (negatives: number): BatchOptions => ({ type: 'tuplets', tuplets: n, negatives })
const triplet = (triplets: string) => ({ type: 'triplet', triplets })
const schemes: [string, BatchOptions, { type: string; triplets?: string; negatives?: number }][] = [
  ['triplets', tuplets(1), triplet('given')],
  ['triplets of pairs (paper)', pairs, triplet('paper')],
  ['(N+1)-tuplets', tuplets(n - 1), { type: 'tuplet', negatives: n - 1 }],
  ['N-pair', pairs, { type: 'nPairMc' }],
  ...['all', 'hard', 'semiHard', 'distanceWeighted'].map((kind): (typeof schemes)[number] => [
    { all: 'batch-all', hard: 'batch-hard', semiHard: 'semi-hard', distanceWeighted: 'distance-weighted' }[
      kind
    ] as string,
    pairs,
    triplet(kind),
  ]),
]

/** Queries with their negatives, out of the labels of a batch. */
function tuplesOf(
  batch: Batch,
  loss: { triplets?: string },
  labels: number[],
): { query: number; negatives: number[] }[] {
  if (loss.triplets !== undefined) {
    // One draw for each anchor and positive, as semi-hard has one choice for each.
    const kind = loss.triplets === 'distanceWeighted' ? 'semiHard' : loss.triplets
    const list = referenceTriplets(kind as 'all', labels, (i, j) => Math.sin(i * j))
    return list.map(([query, , negative]) => ({ query, negatives: [negative] }))
  }
  const queries = Array.from({ length: n }, (_, i) => i)
  if ('tuplets' in batch)
    return queries.map((query) => ({
      query,
      negatives: Array.from({ length: batch.negatives }, (_, k) => (k + 2) * n + query),
    }))
  return queries.map((query) => ({ query, negatives: queries.filter((j) => j !== query).map((j) => n + j) }))
}

const show = (value: object) =>
  `\`{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${typeof inner === 'string' ? `'${inner}'` : inner}`)
    .join(', ')} }\``

test('the table of docs/mining.md is what batches hold', async (t) => {
  const data = labelledData(new Array(n).fill(3))
  const labelOf = new Map(Array.from(data.images, (id, i) => [id, data.labels[i] as number]))
  const rows = schemes.map(([name, options, loss]) => {
    const batch = resolveBatch(options)
    const images = [...(createSampler(data, batch, 1).batch(0) as Int32Array)]
    const labels = images.map((id) => labelOf.get(id) as number)
    const tuples = tuplesOf(batch, loss, labels)
    t.true(
      tuples.every(({ query, negatives }) => negatives.every((j) => labels[j] !== labels[query])),
      name,
    )
    const perQuery = new Map<number, Set<number>>()
    for (const { query, negatives } of tuples)
      perQuery.set(query, new Set([...(perQuery.get(query) ?? []), ...negatives]))
    const negatives = new Set([...perQuery.values()].map((set) => set.size))
    t.is(negatives.size, 1, name)
    return [name, show(options), show(loss), images.length, tuples.length, [...negatives][0]].join(' | ')
  })
  const text = await readFile(new URL('../../docs/mining.md', import.meta.url), 'utf8')
  const table = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2, 2 + rows.length)
  t.deepEqual(
    table.map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
        .join(' | '),
    ),
    rows,
  )
  // The point: what takes N(N + 1) embeddings otherwise takes 2N.
  t.deepEqual(
    rows.filter((row) => row.endsWith(` ${n - 1}`)).map((row) => Number(row.split(' | ').at(-3))),
    [n * (n + 1), 2 * n],
  )
})
