import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Model } from '../../src/model/model.js'
import { faults } from '../report/faults.js'
import { temporary, trainTiny } from '../train/tinyRun.js'
import { imagesOf } from './imagesOf.js'
import { npair } from './npair.js'

test('index and search: what the model says is most like, as text, JSON and pictures', async (t) => {
  const folder = await temporary(t)
  const [run, images, index] = [join(folder, 'run'), join(folder, 'images'), join(folder, 'index')]
  await trainTiny(run, { checkpointEvery: 0 })
  const files = await imagesOf(images)
  const made = await npair('index', run, images, '--output', index)
  t.deepEqual(made, { code: 0, signal: null, stderr: '', stdout: `36 images, 8 numbers each: ${index}\n` })

  const [first, second] = [files[0] as string, files[1] as string]
  const page = join(folder, 'page.html')
  const searched = await npair('search', run, index, first, second, '--k', '3', '--json', '--output', page)
  t.is(searched.code, 0, searched.stderr)
  const found = JSON.parse(searched.stdout)
  const model = await Model.load(run)
  const rows = await model.embed(files)
  await model.close()
  ;[first, second].forEach((query, q) => {
    const expected = files.map((id, i) => ({ id, score: rows.cosine(q, i) })).sort((a, b) => b.score - a.score)
    t.is(found[q].query, query)
    t.is(found[q].hits[0].id, query)
    found[q].hits.forEach(({ score }: { score: number }, i: number) => {
      t.true(Math.abs(score - (expected[i]?.score as number)) < 1e-5)
    })
  })
  const drawn = await readFile(page, 'utf8')
  t.is(drawn.match(/<img class="exact" src="data:image\/png;base64,/g)?.length, 8)
  t.deepEqual(faults(drawn), [])

  const other = join(folder, 'other')
  await trainTiny(other, { checkpointEvery: 0, seed: 6 })
  const refused = await npair('search', other, index, first)
  t.is(refused.code, 1)
  const { weights } = JSON.parse(await readFile(join(run, 'model/model.json'), 'utf8'))
  const { weights: others } = JSON.parse(await readFile(join(other, 'model/model.json'), 'utf8'))
  t.regex(refused.stderr, new RegExp(`weights ${weights}, and these .* weights ${others}: .*\\[INDEX_MODEL\\]`))
  const path = join(index, 'index.json')
  const { model: _, checksum, ...untied } = JSON.parse(await readFile(path, 'utf8'))
  t.is(typeof checksum, 'string')
  await writeFile(path, JSON.stringify({ ...untied, version: 1 }))
  const noticed = await npair('search', run, index, first, '--k', '1')
  t.deepEqual([noticed.code, noticed.stdout], [0, `${first}\n  1.0000  ${first}\n`])
  t.regex(noticed.stderr, /tied to no model: nobody checks/)

  await rm(second)
  const plain = await npair('search', run, index, first, '--k', '36', '--output', page)
  t.regex(plain.stdout, new RegExp(`^${first}\\n  1\\.0000  ${first}\\n`))
  t.is((await readFile(page, 'utf8')).match(/cannot be read/g)?.length, 1)

  for (const [args, code, message] of [
    [['index', run, images, '--output', index], 1, /already holds index.json.*\[OUTPUT_EXISTS\]/],
    [['search', run, images, first], 1, /Cannot read the index .*\[NOT_FOUND\]/],
    [['search', run, index, first, '--k', '0'], 2, /for --k .*\[INVALID_OPTION\]/],
    [['search', run, index, second], 1, /\[NOT_FOUND\]/],
  ] as const) {
    const ended = await npair(...args)
    t.is(ended.code, code, ended.stderr)
    t.regex(ended.stderr, message)
  }
})
