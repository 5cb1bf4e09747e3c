import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkCompareConfig } from '../../src/compare/compareConfig.js'
import { loadData } from '../../src/data/load.js'
import { demo, demoCompareConfig, demoConfig } from '../../src/report/demo.js'
import { contents, refused, temporary } from '../train/tinyRun.js'

/** A demo that is stopped before its first step: a run folder all the same. */
const stopped = (folder: string, steps: number) => () => demo(folder, steps, { signal: AbortSignal.abort() })

test('a demo makes way for a demo and nothing else does', async (t) => {
  const folder = await temporary(t)
  const run = join(folder, 'demo')
  // Drawn once: a signal that is aborted already would stop that, too.
  await loadData(demoConfig(run, 1).data)
  await refused(t, stopped(run, 600), 'ABORTED')
  t.is(JSON.parse(await readFile(join(run, 'config.json'), 'utf8')).steps, 600)
  await refused(t, stopped(run, 40), 'ABORTED')
  t.is(JSON.parse(await readFile(join(run, 'config.json'), 'utf8')).steps, 40)
  t.deepEqual((await readdir(run)).sort(), ['checkpoints', 'config.json', 'environment.json', 'metrics.jsonl'])

  const left = async (what: string) => {
    const before = await contents(run)
    await refused(t, stopped(run, 40), 'OUTPUT_EXISTS')
    t.deepEqual(await contents(run), before, what)
  }
  await writeFile(join(run, 'notes.txt'), 'mine')
  await left('a demo with something else beside it')
  await rm(join(run, 'notes.txt'))
  const config = join(run, 'config.json')
  const plan = JSON.parse(await readFile(config, 'utf8'))
  for (const change of [
    { batch: { pairs: 31 } },
    { seed: 2 },
    { net: { ...plan.net, width: 32 } },
    { data: { ...plan.data, type: 'folder' } },
  ]) {
    await writeFile(config, JSON.stringify({ ...plan, ...change }))
    await left(`a run of one's own on characters: ${JSON.stringify(change).slice(0, 40)}`)
  }
  await writeFile(config, '{ no JSON')
  await left('a folder that cannot be read')
  await rm(run, { recursive: true })
  await mkdir(run)
  await writeFile(join(run, 'thesis.tex'), 'mine')
  await left('any other folder')
})

test('steps that are none are refused before anything is deleted', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'config.json'), '{}')
  await refused(t, () => demo(folder, Number.NaN), 'INVALID_OPTION')
  t.deepEqual(await readdir(folder), ['config.json'])
})

test('what demo --compare trains: every method on the demonstration, three seeds each', async (t) => {
  const { cells, reference, methods } = await checkCompareConfig(demoCompareConfig('out', 200))
  t.is(reference, '30-pair-mc')
  t.is(cells.length, 3 * methods.length)
  t.deepEqual(cells[0]?.config.data, demoConfig('out', 200).data)
})
