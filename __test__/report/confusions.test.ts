import test from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { confusions } from '../../src/report/confusions.js'
import { type NearImages, nearImages } from '../../src/report/nearImages.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters } from '../train/tinyRun.js'

/** Position of the i-th image of a class. */
const at = (data: Dataset, c: number, i: number) => data.byClass()[c]?.[i] as number

test('counts of the class of the nearest image; the pairs most often confused come first', async (t) => {
  const { test: data } = await characters()
  const found = (own: number, i: number, other: number): NearImages => ({
    query: at(data, own, i),
    nearest: [{ position: at(data, other, 5), score: 0.9 }],
  })
  const near = [
    ...[found(0, 0, 0), found(0, 1, 3), found(1, 0, 4), found(1, 1, 4), found(4, 0, 1), found(3, 0, 3)],
    ...[found(2, 0, 0), found(5, 0, 5)],
  ]
  const four = await confusions(data, near, 4)
  t.deepEqual(
    four.classes,
    [1, 4, 0, 2].map((c) => data.classes[c]),
  )
  t.deepEqual(four.counts, [
    [0, 2, 0, 0],
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 1, 0],
  ])
  // The second query of class 0 went to class 3, which is not shown.
  t.deepEqual(four.queries, [2, 1, 2, 1])
  t.deepEqual([four.searched, four.wrong], [8, 5])
  t.true(four.pictures.every((picture) => picture.startsWith('data:image/png;base64,')))
  t.deepEqual(
    (await confusions(data, near, 3)).classes,
    [1, 4].map((c) => data.classes[c]),
  )
  const none = await confusions(data, [found(0, 0, 0)])
  t.deepEqual(none, { classes: [], pictures: [], counts: [], queries: [], searched: 1, wrong: 0 })
})

test('the nearest images are those of a look at every pair; queries have mates and are of different classes first', async (t) => {
  const { test: data } = await characters()
  const embeddings = await noisyEmbedder(1).embedDataset(data)
  const near = await nearImages(data, embeddings, { neighbours: 4 })
  t.is(near.length, data.length)
  t.is(new Set(near.slice(0, 6).map(({ query }) => data.labels[query])).size, 6)
  for (const { query, nearest } of near) {
    const slow = Array.from({ length: data.length }, (_, i) => i)
      .filter((i) => i !== query)
      .sort((a, b) => embeddings.cosine(query, b) - embeddings.cosine(query, a) || a - b)
      .slice(0, 4)
    t.deepEqual(
      nearest.map(({ position }) => position),
      slow,
    )
    for (const { position, score } of nearest) t.true(Math.abs(score - embeddings.cosine(query, position)) < 1e-6)
  }
  const few = await nearImages(data, embeddings, { neighbours: 4, queries: 7 })
  t.deepEqual(few, near.slice(0, 7))
})
