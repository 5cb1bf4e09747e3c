import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { compare } from '../../src/protocols/compare.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { oneShot } from '../../src/protocols/oneShot.js'
import type { Protocol } from '../../src/protocols/protocol.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const near = (value: number | undefined, expected: number) => Math.abs((value ?? Number.NaN) - expected) < 1e-12

const alphabets = () => labelledData(new Array<number>(14).fill(4), [0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2])

test('perfect and chance embedders, one row a super-class, repeatable', async (t) => {
  const protocol = oneShot(alphabets(), { ways: 5, episodes: 200, seed: 4 })
  const perfect = await evaluate(noisyEmbedder(0.01), protocol)
  t.is(perfect.figures.error?.value, 0)
  t.deepEqual(
    perfect.tables.superClasses?.rows.map((row) => row[0]),
    ['alphabet 0', 'alphabet 2'],
  )
  t.is(perfect.counts.queries, 2 * 200 * 5)

  const constant = { embedDataset: async () => new Embeddings(new Float32Array(56 * 3).fill(1), 3) }
  t.true(near((await evaluate(constant, protocol)).figures.error?.value, 0.8))

  const noisy = await evaluate(noisyEmbedder(1.5), protocol)
  t.deepEqual(await evaluate(noisyEmbedder(1.5), protocol), noisy)
  t.deepEqual(JSON.parse(JSON.stringify(noisy)), noisy)
  const rows = noisy.tables.superClasses?.rows.map((row) => row[3] as number) ?? []
  const [a, b] = [rows[0] as number, rows[1] as number]
  t.true(Math.abs((noisy.figures.error?.value as number) - (a + b) / 2) < 1e-12)
  t.true(Math.abs((noisy.figures.error?.standardError as number) - Math.abs(a - b) / 2) < 1e-12)
  t.regex(formatTable(noisy), /5-way 1-shot error/)
  const three = await evaluate(noisyEmbedder(1.5), oneShot(alphabets(), { ways: 5, shots: 3, episodes: 200 }))
  t.true((three.figures.error?.value as number) < (noisy.figures.error?.value as number))
})

test('an episode: different classes of one super-class, different images, query not among the supports', async (t) => {
  // Seen from outside: an image embeds as its own axis, so a query is only ever right if it equals a support of its way.
  const data = alphabets()
  const own = {
    embedDataset: async () =>
      new Embeddings(
        Float32Array.from({ length: 56 * 56 }, (_, i) => (i % 57 === 0 ? 1 : 0)),
        56,
      ),
  }
  const result = await evaluate(own, oneShot(data, { ways: 5, shots: 3, episodes: 100 }))
  t.true(near(result.figures.error?.value, 0.8)) // all cosines 0: all given to way 0, right once in five
  // An image embeds as its super-class: within one, everything ties.
  const group = {
    embedDataset: async () =>
      new Embeddings(
        Float32Array.from(data.labels, (c) => (c < 7 ? 1 : -1)),
        1,
      ),
  }
  t.true(near((await evaluate(group, oneShot(data, { ways: 7, episodes: 50 }))).figures.error?.value, 6 / 7))
})

test('data without super-classes plays over all classes, with the spread over episodes', async (t) => {
  const result = await evaluate(noisyEmbedder(1.5), oneShot(labelledData([3, 3, 3, 3, 3]), { ways: 4, episodes: 100 }))
  t.deepEqual(
    result.tables.superClasses?.rows.map((row) => row[0]),
    ['all classes'],
  )
  t.is(result.figures.error?.standardError, result.tables.superClasses?.rows[0]?.[4] as number)
})

test('the interval is over super-classes, or over the classes of a single one: more episodes make nothing surer', async (t) => {
  const width = async (protocol: Protocol) => {
    const { figures, definition } = await evaluate(noisyEmbedder(1.5), protocol)
    const { low, high } = figures.error?.interval ?? { low: Number.NaN, high: Number.NaN }
    return { width: high - low, definition }
  }
  const many = labelledData(
    new Array<number>(60).fill(4),
    Array.from({ length: 60 }, (_, c) => Math.floor(c / 6)),
  )
  for (const [data, of] of [
    [many, /bootstrap resamples of super-classes\./],
    [labelledData(new Array<number>(20).fill(6)), /bootstrap resamples of classes: a query counts/],
  ] as const) {
    const few = await width(oneShot(data, { ways: 5, episodes: 60 }))
    const more = await width(oneShot(data, { ways: 5, episodes: 2400 }))
    t.true(more.width > 0.7 * few.width, `${few.width}, ${more.width}`)
    t.regex(few.definition, of)
  }
  // Of two super-classes a resample has the first twice, both, or the second twice.
  const { figures, tables } = await evaluate(noisyEmbedder(1.5), oneShot(alphabets(), { ways: 5, episodes: 50 }))
  const rates = (tables.superClasses?.rows ?? []).map((row) => row[3] as number)
  t.deepEqual([figures.error?.interval?.low, figures.error?.interval?.high], [Math.min(...rates), Math.max(...rates)])
})

test('two models on the same episodes, over super-classes; of a single one on the same queries, over classes', async (t) => {
  const alphabet = Array.from({ length: 60 }, (_, c) => Math.floor(c / 6))
  for (const [data, items, identities] of [
    [labelledData(new Array<number>(60).fill(4), alphabet), 10 * 40, 10],
    [labelledData(new Array<number>(20).fill(6)), 40 * 5, 20],
  ] as const) {
    const protocol = oneShot(data, { ways: 5, episodes: 40 })
    const [good, bad] = [noisyEmbedder(1), noisyEmbedder(2.5)]
    const found = await compare(good, bad, protocol)
    t.is(found.items, items)
    t.true(near(found.first, 1 - ((await evaluate(good, protocol)).figures.error?.value as number)))
    t.regex(found.sentence, new RegExp(`^The first model is better: .*over ${identities} identities\\)`))
    t.regex((await compare(good, good, protocol)).sentence, /^No difference between the models is shown/)
  }
})

test('fewerWays: error, skip, all', async (t) => {
  const data = labelledData([4, 4, 4, 4, 4, 4, 1, 2, 1], [0, 0, 0, 0, 1, 1, 1, 1, 2])
  const error = t.throws(() => oneShot(data, { ways: 4 }), { instanceOf: NPairError })
  t.is(error?.code, 'DATA_CLASSES')
  t.regex(error?.message ?? '', /alphabet 1 has 3 classes with 2 or more images/)
  const skip = await evaluate(noisyEmbedder(1), oneShot(data, { ways: 4, fewerWays: 'skip', episodes: 5 }))
  t.is(skip.counts.superClasses, 1)
  t.is(skip.counts.superClassesSkipped, 2)
  t.regex(skip.notes.join(), /alphabet 1, alphabet 2/)
  const all = await evaluate(noisyEmbedder(1), oneShot(data, { ways: 4, fewerWays: 'all', episodes: 5 }))
  t.deepEqual(
    all.tables.superClasses?.rows.map((row) => row[2]),
    [4, 3],
  )
  t.is(t.throws(() => oneShot(data, { ways: 20, fewerWays: 'skip' }), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
})

const wrong: [object, string][] = [
  [{ ways: 1 }, 'oneShot.ways'],
  [{ ways: '5' }, 'oneShot.ways'],
  [{ shots: 0 }, 'oneShot.shots'],
  [{ episodes: 1.5 }, 'oneShot.episodes'],
  [{ fewerWays: 'none' }, 'oneShot.fewerWays'],
  [{ seed: null }, 'oneShot.seed'],
  [{ way: 5 }, 'oneShot.way'],
]
for (const [options, name] of wrong)
  test(`${JSON.stringify(options)} is refused by name`, (t) => {
    t.is(t.throws(() => oneShot(alphabets(), options), { instanceOf: NPairError })?.option, name)
  })

test('create: a protocol from its plan, both ways', (t) => {
  const { plan } = oneShot(alphabets(), { ways: 5 })
  t.deepEqual(create(plan, alphabets()).plan, plan)
  t.deepEqual(create({ type: 'retrieval' }, alphabets()).plan, {
    ...{ type: 'retrieval', at: [1, 2, 4, 8], bootstrap: 200, seed: 0 },
  })
  t.is(create({ type: 'verification', folds: 2 }, alphabets()).plan.type, 'verification')
  const error = t.throws(() => create({ type: 'lfw' } as never, alphabets()), { instanceOf: NPairError })
  t.is(
    error?.message,
    "Expected 'verification', 'retrieval', 'clustering', 'identification', 'reId', 'recognition', 'oneShot', 'pairs', 'lists' for protocol.type but received 'lfw' of type string",
  )
})
