import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { Model } from '../../src/model/model.js'
import { readNpy } from '../../src/model/readNpy.js'
import { Index } from '../../src/retrieval/searchIndex.js'
import { temporary, trainTiny } from '../train/tinyRun.js'
import { imagesOf } from './imagesOf.js'
import { npair } from './npair.js'

test('a model that is calibrated with views gets an index that identifies, from the command line alone', async (t) => {
  const folder = await temporary(t)
  const [run, images, index] = [join(folder, 'run'), join(folder, 'images'), join(folder, 'index')]
  await trainTiny(run, { checkpointEvery: 0 })
  const [first = '', second = ''] = await imagesOf(images)
  const flags = ['--mirror', '--shifts', '2']
  for (const args of [
    ['calibrate', run, '--data', images, '--far', '0.05', ...flags],
    ['index', run, images, '--output', index, ...flags],
  ])
    t.is((await npair(...args)).code, 0)
  const model = await Model.load(run, { mirror: true, shifts: [2] })
  const found = await Index.load(index)
  t.teardown(async () => {
    await found.close()
    await model.close()
  })
  const identified = await model.identify(first, found)
  t.is(identified.answer === 'known' && identified.hit.id, first)

  // The views are those of the index; others are refused.
  for (const same of [[], flags, ['--mirror']]) {
    const searched = await npair('search', run, index, second, '--k', '1', ...same)
    t.deepEqual([searched.code, searched.stdout], [0, `${second}\n  1.0000  ${second}\n`], searched.stderr)
  }
  const plain = await npair('search', run, index, second, '--no-mirror', '--shifts', 'none')
  t.is(plain.code, 1)
  t.regex(plain.stderr, /mirror true, shifts \[2\], and these .*mirror false, shifts \[\]: .*\[INDEX_MODEL\]/)

  const file = join(folder, 'rows.npy')
  const embedded = await npair('embed', run, second, '--output', file, ...flags)
  t.is(embedded.code, 0, embedded.stderr)
  t.deepEqual((await readNpy(file)).data, (await model.embed([second])).data)
  for (const command of [
    ['embed', run, second, '--output', file],
    ['index', run, second, '--output', join(folder, 'other')],
    ['search', run, index, second],
  ]) {
    const wrong = await npair(...command, '--shifts', 'x')
    t.is(wrong.code, 2, wrong.stderr)
    t.regex(wrong.stderr, /pixels such as 2,4, or none for --shifts/)
  }
})

test('views whose scores are averaged: search says so on its page, embed how its rows are compared', async (t) => {
  const folder = await temporary(t)
  const [run, images, index] = [join(folder, 'run'), join(folder, 'images'), join(folder, 'index')]
  await trainTiny(run, { checkpointEvery: 0 })
  const [first = ''] = await imagesOf(images)
  const [page, file] = [join(folder, 'page.html'), join(folder, 'rows.npy')]
  const flags = ['--mirror', '--fusion', 'scores']
  t.is((await npair('index', run, images, '--output', index, ...flags)).code, 0)
  const searched = await npair('search', run, index, first, '--output', page)
  t.is(searched.code, 0, searched.stderr)
  t.regex(await readFile(page, 'utf8'), /by mean of the cosines of all combinations of views \(the number under each\)/)
  const embedded = await npair('embed', run, first, '--output', file, ...flags)
  t.regex(embedded.stdout, /rows\.txt; compare them by inner product\n$/)
})
