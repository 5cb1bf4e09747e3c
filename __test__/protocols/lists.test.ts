import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { lists } from '../../src/protocols/lists.js'
import { writeFiles } from '../data/imageFiles.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const names = ['A/1.jpg', 'A/2.jpg', 'B/1.jpg', 'B/2.jpg', 'C/1.jpg', 'D/1.jpg', 'E/1.jpg']
const people = () => labelledData([2, 2, 1, 1, 1], [], { names, classes: ['A', 'B', 'C', 'D', 'E'] })
const angles = [0, 10, 90, 40, 60, 55, 180]
const byHand = {
  embedDataset: async () =>
    new Embeddings(
      Float32Array.from(angles.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)])),
      2,
    ),
}

test('by hand: closed and open set from two lists, everything that is not as usual counted', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, {
    'gallery.txt': 'A/1.jpg\nB/1.jpg\nC/1\nG/1.jpg\n',
    'probes.txt': '# probes\nA/2\nB/2.png\nD/1.jpg\nE/1.jpg\n',
  })
  const plan = {
    type: 'lists' as const,
    gallery: join(folder, 'gallery.txt'),
    probes: join(folder, 'probes.txt'),
    far: [0.5, 0.1],
  }
  const result = await evaluate(byHand, create({ ...plan, ranks: [1, 2, 3] }, people()))
  // A/2 at 10° finds A at 0°. B/2 at 40°: C at 60° and A at 0° are nearer than B at 90°: rank 3.
  t.deepEqual(
    [1, 2, 3].map((k) => result.figures[`rank${k}`]?.value),
    [0.5, 0.5, 1],
  )
  // D at 55°: C at 5°, cosine 0.9962; E at 180°: B, cosine 0. At a rate of 0.5 A/2 (0.9848) is under D, and accepted only from E on.
  t.is(result.figures['dir@far=0.5']?.value, 0.5)
  t.is(result.figures['dir@far=0.1'], undefined)
  t.like(result.counts, {
    ...{
      gallery: 3,
      enrolledIdentities: 3,
      identitiesWithoutProbe: 1,
      matedProbes: 2,
      unmatedProbes: 2,
      missingImages: 1,
    },
  })
  t.deepEqual(result.notes, [
    '1 images that gallery.txt or probes.txt names are missing: G/1.jpg.',
    '1 identities of the gallery have no probe: they are only in the way.',
    '2 probes have no mate in the gallery: they set the thresholds of the open set.',
    'No DIR at 0.1: too few probes without a mate.',
  ])
  t.deepEqual(JSON.parse(JSON.stringify(result)), result)
  const { far = [], dir = [] } = result.curves.openSet ?? {}
  t.is(far.length, dir.length)
  t.is(dir[far.findLastIndex((rate) => rate <= 0.5)], 0.5)
  writeFiles(folder, { 'probes.txt': 'A/2\nB/2\n' })
  const closed = await evaluate(byHand, lists(people(), { gallery: plan.gallery, probes: plan.probes }))
  t.deepEqual(Object.keys(closed.figures), ['rank1', 'rank5', 'rank10'])
  t.regex(closed.notes.join('\n'), /a closed set/)
})

test('whose gallery images are all missing is no stranger: those probes are left out, and counted', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'gallery.txt': 'A/9\nB/1\nC/1\n', 'probes.txt': 'A/2\nB/2\nD/1\n' })
  const plan = { gallery: join(folder, 'gallery.txt'), probes: join(folder, 'probes.txt') }
  const result = await evaluate(byHand, lists(people(), plan))
  t.like(result.counts, { matedProbes: 1, unmatedProbes: 1, probesOfMissingMates: 1, missingImages: 1 })
  t.regex(result.notes.join('\n'), /1 probes are left out: all images that the gallery was to have of their class/)
})

test('templates: lines of one name are one entry, the mean of its length-1 embeddings, in both lists', async (t) => {
  const folder = temporaryFolder(t)
  const [gallery, probes] = [join(folder, 'g.txt'), join(folder, 'p.txt')]
  const classes = Array.from({ length: 8 }, (_, c) => c)
  const own = classes.flatMap((c) => Array.from({ length: 5 }, (_, i) => `${c}/${i}.jpg`))
  const data = labelledData(new Array<number>(8).fill(5), [], { names: own, classes: classes.map(String) })
  // Six are enrolled by two images each, line by line in turn; everyone probes by the other three, image 3 in a template of its own, too.
  const enrolled = classes.slice(0, 6)
  writeFiles(folder, {
    'g.txt': [0, 1].flatMap((i) => enrolled.map((c) => `${c}/${i}.jpg\tg${c}\n`)).join(''),
    'p.txt': classes.flatMap((c) => [...[2, 3, 4].map((i) => `${c}/${i}\tp${c}\n`), `${c}/3\tq${c}\n`]).join(''),
  })
  const embedder = noisyEmbedder(2)
  const plan = { gallery, probes, ranks: [1, 2, 3], far: [0.5], bootstrap: 0 }
  const result = await evaluate(embedder, lists(data, plan))
  t.like(result.counts, { gallery: 6, galleryImages: 12, matedProbes: 12, unmatedProbes: 4, probeImages: 32 })
  t.regex(result.definition, /A template is the mean of its length-1 embeddings, and probes or is enrolled as one/)

  const rows = await embedder.embedDataset(data)
  const unit = (x: number[]) => x.map((v) => v / Math.hypot(...x))
  const template = (c: number, images: number[]) =>
    images.map((i) => unit([...rows.row(5 * c + i)])).reduce((sum, row) => sum.map((v, k) => v + (row[k] as number)))
  const score = (a: number[], b: number[]) => unit(a).reduce((sum, v, k) => sum + v * (unit(b)[k] as number), 0)
  const searched = classes.flatMap((c) => [
    { c, row: template(c, [2, 3, 4]) },
    { c, row: template(c, [3]) },
  ])
  const scores = searched.map(({ row }) => enrolled.map((c) => score(row, template(c, [0, 1]))))
  const rank = (p: number, c: number) => (scores[p] as number[]).filter((s) => s >= (scores[p]?.[c] as number)).length
  const ranks = searched.flatMap(({ c }, p) => (c < 6 ? [rank(p, c)] : []))
  t.true(new Set(ranks).size > 1)
  t.deepEqual(
    [1, 2, 3].map((k) => result.figures[`rank${k}`]?.value),
    [1, 2, 3].map((k) => ranks.filter((r) => r <= k).length / 12),
  )
  // Half of four false alarms: the second highest of the best scores of those who are not enrolled.
  const alarms = searched
    .flatMap(({ c }, p) => (c < 6 ? [] : [Math.max(...(scores[p] as number[]))]))
    .sort((a, b) => b - a)
  const found = searched.filter(
    ({ c }, p) => c < 6 && rank(p, c) === 1 && (scores[p]?.[c] as number) > (alarms[2] as number),
  )
  t.is(result.figures['dir@far=0.5']?.value, found.length / 12)
})

test('templates that cannot be are refused with their line', (t) => {
  const folder = temporaryFolder(t)
  const [gallery, probes] = [join(folder, 'g.txt'), join(folder, 'p.txt')]
  for (const [list, message] of [
    ['A/1\ta\nB/1\ta\n', /g.txt, line 2: the template a has images of another class/],
    ['A/1\ta\nB/1\n', /g.txt, line 2: expected an image, and in all lines or in none a tab and its template/],
    ['A/1\ta\tb\n', /g.txt, line 1: expected an image/],
    ['A/1\ta\nA/1.png\ta\n', /g.txt, line 2: A\/1.png is listed before, in line 1/],
    ['A/1\ta\nA/2\ta\n', /p.txt, line 1: A\/2 is listed before, in line 2 of .*g.txt/],
  ] as const) {
    writeFiles(folder, { 'g.txt': list, 'p.txt': 'A/2\n' })
    t.throws(() => lists(people(), { gallery, probes }), { instanceOf: NPairError, code: 'PROTOCOL_CORRUPT', message })
  }
})

test('an image in both lists, no mate at all, wrong options: refused by name', (t) => {
  const folder = temporaryFolder(t)
  const [gallery, probes] = [join(folder, 'g.txt'), join(folder, 'p.txt')]
  writeFiles(folder, { 'g.txt': 'A/1\n', 'p.txt': 'A/2\nA/1\n' })
  const refused = (options: object, code: string) =>
    t.throws(() => lists(people(), options as never), { instanceOf: NPairError, code })?.message ?? ''
  t.regex(
    refused({ gallery, probes }, 'PROTOCOL_CORRUPT'),
    /p.txt, line 2: A\/1 is listed before, in line 1 of .*g.txt/,
  )
  writeFiles(folder, { 'p.txt': 'B/1\nZ/1\n' })
  t.regex(
    refused({ gallery, probes }, 'DATA_CLASSES'),
    /None of 1 probes has a mate among the 1 images .* the first Z\/1/,
  )
  t.regex(refused({ gallery }, 'INVALID_OPTION'), /for lists.probes/)
  t.regex(refused({ gallery, probes, ranks: [0] }, 'INVALID_OPTION'), /for lists.ranks/)
  t.regex(refused({ gallery, probes, far: 1 }, 'INVALID_OPTION'), /for lists.far/)
  t.regex(refused({ gallery, probes, fusion: 'max' }, 'INVALID_OPTION'), /for lists.fusion/)
})
