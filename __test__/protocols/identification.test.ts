import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { templates } from '../../src/metrics/templates.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { closedSet, openSetSplit } from '../../src/protocols/gallerySplit.js'
import { identification } from '../../src/protocols/identification.js'
import { Random } from '../../src/random.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

test('splits: every image once, enrolled as asked, unseen people and single images outside (random sizes)', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed, 'report')
    const sizes = [2, ...Array.from({ length: 1 + random.below(9) }, () => 1 + random.below(4))]
    const data = labelledData(sizes)
    const labelsOf = (positions: number[]) => new Set(positions.map((i) => data.labels[i] as number))
    for (const galleryImages of ['one', 'allButOne'] as const) {
      const closed = closedSet(data.byClass(), { galleryImages, seed })
      t.deepEqual(
        [...closed.gallery, ...closed.mated].sort((a, b) => a - b),
        [...data.labels.keys()],
      )
      t.is(labelsOf(closed.gallery).size, sizes.length)
      const several = sizes.filter((n) => n >= 2).length
      const unseen = Math.min(0.5, (several - 1) / several)
      const open = openSetSplit(data.byClass(), unseen, { galleryImages, seed })
      t.deepEqual(
        [...open.gallery, ...open.mated, ...open.unseen].sort((a, b) => a - b),
        [...data.labels.keys()],
      )
      const [enrolled, outside] = [labelsOf(open.gallery), labelsOf(open.unseen)]
      t.deepEqual([...labelsOf(open.mated)].sort(), [...enrolled].sort())
      t.true([...outside].every((label) => !enrolled.has(label)))
      t.is(enrolled.size, several - Math.round(unseen * several))
      for (const label of enrolled) {
        const held = open.gallery.filter((i) => data.labels[i] === label).length
        t.is(held, galleryImages === 'one' ? 1 : (sizes[label] as number) - 1)
      }
    }
  }
})

test("the sizes of Best-Rowden's split come out of LFW's: 4,249 enrolled of one image; 596 and 9,494", (t) => {
  // 596 people of 3,739 images and 3,653 of one: the closed set as they count it.
  const sizes = [...Array.from({ length: 596 }, (_, c) => (c < 163 ? 7 : 6)), ...new Array<number>(3653).fill(1)]
  const data = labelledData(sizes)
  const closed = closedSet(data.byClass(), { galleryImages: 'one', seed: 0 })
  t.deepEqual([closed.gallery.length, closed.mated.length], [4249, 3143])
  const open = openSetSplit(data.byClass(), 0, { galleryImages: 'allButOne', seed: 0 })
  t.deepEqual([open.gallery.length, open.mated.length, open.unseen.length], [3143, 596, 3653])
})

test('perfect, chance, one point', async (t) => {
  const data = labelledData([...new Array<number>(20).fill(4), 1, 1, 1])
  const perfect = await evaluate(noisyEmbedder(0.01), identification(data))
  for (const name of ['rank1', 'rank10', 'dir@far=0.1']) t.is(perfect.figures[name]?.value, 1, name)
  t.is(perfect.counts.closedGallery, 23)
  t.is(perfect.counts.closedProbes, 60)
  t.is(perfect.counts.openGallery, 10)
  t.is(perfect.counts.openUnseenProbes, 43)
  t.is(perfect.figures['dir@far=0.01'], undefined) // 43 probes cannot resolve it
  t.regex(perfect.notes.join(), /0\.01/)
  const point = { embedDataset: async () => new Embeddings(new Float32Array(data.length * 2).fill(1), 2) }
  t.is((await evaluate(point, identification(data))).figures.rank10?.value, 0)
  t.is((await evaluate(point, identification(data, { ties: 'optimistic' }))).figures.rank1?.value, 1)
  const chance = await evaluate(noisyEmbedder(1e6), identification(data))
  t.true((chance.figures.rank1?.value as number) < 0.2)
  t.true((chance.figures['dir@far=0.1']?.value as number) < 0.2)
})

test('by hand: two known people, a stranger between them', async (t) => {
  // One image each is drawn for the gallery; both images of a person are the same, so it does not matter which.
  const data = labelledData([2, 2, 1])
  const angles = [0, 0, 90, 90, 40].map((a) => (a * Math.PI) / 180)
  const embedder = {
    embedDataset: async () => new Embeddings(Float32Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a)])), 2),
  }
  const result = await evaluate(embedder, identification(data, { unseen: 0, far: [1], ranks: [1, 2] }))
  t.is(result.figures.rank1?.value, 1)
  t.is(result.figures['dir@far=1']?.value, 1)
  t.regex(result.figures['dir@far=1']?.definition ?? '', /t = 0\.7660/) // cos 40°
})

test('several images in the gallery: best score and mean template differ, both repeat', async (t) => {
  const data = labelledData(new Array<number>(20).fill(5))
  const value = async (fusion: 'best' | 'mean') =>
    (await evaluate(noisyEmbedder(1.5), identification(data, { galleryImages: 'allButOne', fusion }))).figures.rank1
      ?.value
  // By hand: each probe goes to the identity of the best image, or of the best mean of images of length 1.
  const unit = (await noisyEmbedder(1.5).embedDataset(data)).normalized()
  const split = closedSet(data.byClass(), { galleryImages: 'allButOne', seed: 0 })
  const label = (i: number) => data.labels[i] as number
  const product = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a, (x, i) => x * (b[i] as number)).reduce((s, x) => s + x, 0)
  const share = (score: (probe: Float32Array, images: Float32Array[]) => number) => {
    const hits = split.mated.filter((probe) => {
      const scores = data.byClass().map((_, c) =>
        score(
          unit.row(probe),
          split.gallery.filter((i) => label(i) === c).map((i) => unit.row(i)),
        ),
      )
      return scores.indexOf(Math.max(...scores)) === label(probe)
    })
    return hits.length / split.mated.length
  }
  const best = share((probe, images) => Math.max(...images.map((image) => product(probe, image))))
  const mean = share((probe, images) => {
    const sum = Array.from(probe, (_, k) => images.reduce((total, image) => total + (image[k] as number), 0))
    return product(probe, sum) / Math.sqrt(product(sum, sum))
  })
  t.not(best, mean)
  t.is(await value('best'), best)
  t.is(await value('mean'), mean)
})

test('templates: means of rows of length 1, in the order of the labels', (t) => {
  const rows = new Embeddings(Float32Array.of(2, 0, 0, 3, 1, 0, 0, 0, 0, -5), 2)
  const found = templates(rows, [8, 8, 1, 4, 1])
  t.deepEqual(found.labels, [1, 4, 8])
  t.deepEqual(
    Array.from(found.embeddings, (row) => [...row]),
    [
      [0.5, -0.5],
      [0, 0],
      [0.5, 0.5],
    ],
  )
})

test('the rule of the threshold: n-th impostor rounds where at most does not', async (t) => {
  // 40 images of the ten people outside; 0.0375 of them is one and a half.
  const data = labelledData(new Array<number>(20).fill(4))
  const reached = async (farRule: 'atMost' | 'nthImpostor') => {
    const result = await evaluate(noisyEmbedder(1), identification(data, { far: [0.0375], farRule }))
    t.is(result.counts.openUnseenProbes, 40)
    const figure = result.figures['dir@far=0.0375']
    return [/rate reached: ([\d.]+)\./.exec(figure?.definition ?? '')?.[1], figure?.value as number] as const
  }
  const [[most, low], [nth, high]] = [await reached('atMost'), await reached('nthImpostor')]
  t.deepEqual([most, nth], ['0.025', '0.05'])
  t.true(low > 0 && high >= low)
})

const wrong: [object, string][] = [
  [{ ranks: [] }, 'identification.ranks'],
  [{ ranks: [0] }, 'identification.ranks'],
  [{ far: [0] }, 'identification.far'],
  [{ farRule: 'blufr' }, 'identification.farRule'],
  [{ unseen: 1 }, 'identification.unseen'],
  [{ galleryImages: 'two' }, 'identification.galleryImages'],
  [{ fusion: 'sum' }, 'identification.fusion'],
  [{ ties: 'none' }, 'identification.ties'],
  [{ count: 'people' }, 'identification.count'],
  [{ bootstrap: -1 }, 'identification.bootstrap'],
  [{ seed: 0.5 }, 'identification.seed'],
  [{ rank: [1] }, 'identification.rank'],
]
for (const [options, name] of wrong)
  test(`${JSON.stringify(options)} is refused by name`, (t) => {
    const error = t.throws(() => identification(labelledData([3, 3, 3]), options), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, name)
  })

test('too few classes or images, or nobody enrolled: DATA_CLASSES', (t) => {
  for (const sizes of [[5], [1, 1]])
    t.is(t.throws(() => identification(labelledData(sizes)), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
  const none = t.throws(() => identification(labelledData([3, 1]), { unseen: 0.9 }), { instanceOf: NPairError })
  t.regex(none?.message ?? '', /lower unseen/)
})
