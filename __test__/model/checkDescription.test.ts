import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { whatIsWrong } from '../../src/model/checkDescription.js'
import { temporary, trainTiny } from '../train/tinyRun.js'

test('what contradicts itself in a description is said, before any memory is taken for it', async (t) => {
  const run = join(await temporary(t), 'run')
  await trainTiny(run)
  const whole = JSON.parse(await readFile(join(run, 'model/model.json'), 'utf8'))
  const weights = (await readFile(join(run, 'model/weights.safetensors'))).length
  t.is(whatIsWrong(whole, weights), undefined)
  const [first, ...rest] = whole.net.layers
  const [conv, ...others] = first.layers
  const wide = { ...whole.net, layers: [{ ...first, layers: [{ ...conv, out: 2 ** 31 }, ...others] }, ...rest] }
  for (const [change, message] of [
    [{ mirror: 1 }, /^mirror is not true or false$/],
    [{ shifts: [0.5] }, /^shifts is no list/],
    [{ shifts: [28] }, /integers in 1 to 27/],
    [{ precision: 'int4' }, /^precision is int4$/],
    [{ trained: {} }, /^trained is missing$/],
    [{ ingest: undefined }, /./],
    [{ ingest: { ...whole.ingest, size: [0, 28] } }, /size\[0\]/],
    [{ preprocess: { ...whole.preprocess, mean: [0, 0] } }, /^preprocess is not/],
    [{ embeddingSize: 9 }, /^its network gives 8 numbers and not 9$/],
    [{ net: { ...whole.net, layers: {} } }, /./],
    [{ net: { ...whole.net, input: { channels: 1, height: 1e9, width: 28 } } }, /height/],
    [{ net: wide }, /weights, more than \d+ bytes hold$/],
  ] as const)
    t.regex(whatIsWrong({ ...whole, ...change }, weights) ?? 'nothing', message, JSON.stringify(change).slice(0, 80))
  t.is(whatIsWrong([], weights), 'it is no object')
})
