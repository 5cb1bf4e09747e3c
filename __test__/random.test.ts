import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { engine } from '../src/native/engine.js'
import { layers } from '../src/nets/nets.js'
import { philox, purposes, Random } from '../src/random.js'
import { bigPhilox } from './reference/philox.js'

const draw = (random: Random, count = 8) => Array.from({ length: count }, () => random.word())

test('known answers of Random123 (kat_vectors, philox4x32 10)', (t) => {
  const all = 0xffffffff
  t.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  t.deepEqual(philox([all, all, all, all], [all, all]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  t.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  )
})

test('thousands of blocks equal a computation in big integers', (t) => {
  let words = philox([1, 2, 3, 4], [5, 6])
  for (let i = 0; i < 2000; i++) {
    const counter = words
    const key = [words[2] ^ i, words[3]].map((x) => x >>> 0) as [number, number]
    words = philox(counter, key)
    t.deepEqual(words, bigPhilox(counter, key))
  }
})

test('a stream is the blocks of its seed, purpose and coordinates', (t) => {
  const seed = 5 * 2 ** 32 + 77
  for (const [purpose, number] of Object.entries(purposes)) {
    const key = [77, 5 ^ (number << 24)].map((x) => x >>> 0) as [number, number]
    t.deepEqual(draw(new Random(seed, purpose as keyof typeof purposes, 9, 0xffffffff)), [
      ...bigPhilox([0, 0, 0xffffffff, 9], key),
      ...bigPhilox([1, 0, 0xffffffff, 9], key),
    ])
  }
  t.is(new Set(Object.values(purposes)).size, Object.keys(purposes).length)
})

test('the engine draws its first weights from the same stream', async (t) => {
  const inputs = 6
  const net = {
    ...layers({ layers: [{ type: 'flatten' }, { type: 'linear', name: 'embedding', out: 5, init: 'torch' }] }),
    input: { channels: 1, height: 1, width: inputs },
  }
  const preprocess = { invert: false, mean: [0], std: [1] }
  const { modelCreate, modelSave, close } = await engine()
  const model = await modelCreate(JSON.stringify({ net, preprocess, device: 'cpu', precision: 'float32' }), '')
  const folder = await mkdtemp(join(tmpdir(), 'npair-random-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await modelSave(model, join(folder, 'weights.safetensors'))
  await close(model)
  const file = await readFile(join(folder, 'weights.safetensors'))
  const length = Number(file.readBigUInt64LE())
  const [start] = JSON.parse(file.toString('utf8', 8, 8 + length))['embedding.weight'].data_offsets
  const weights = Array.from({ length: 5 * inputs }, (_, i) => file.readFloatLE(8 + length + start + 4 * i))

  const random = new Random(0, 'init', 0, 0)
  t.deepEqual(
    weights,
    weights.map(() => Math.fround((2 * random.uniform() - 1) * (1 / Math.sqrt(inputs)))),
  )
})

test('streams repeat, and differ in every argument, high bits of the seed included', (t) => {
  const streams = [
    new Random(7, 'split', 3, 9),
    new Random(8, 'split', 3, 9),
    new Random(7 + 2 ** 40, 'split', 3, 9),
    new Random(7, 'mining', 3, 9),
    new Random(7, 'split', 4, 9),
    new Random(7, 'split', 3, 10),
    new Random(7, 'split', 9, 3),
    new Random(7, 'split'),
  ].map((random) => String(draw(random)))
  t.is(new Set(streams).size, streams.length)
  t.is(String(draw(new Random(7, 'split', 3, 9))), streams[0] as string)
  t.deepEqual(draw(new Random(7, 'split')), draw(new Random(7, 'split', 0, 0)))
})

test('uniform has 53 bits of two words, the first the high ones', (t) => {
  const [words, uniform] = [new Random(1, 'report'), new Random(1, 'report')]
  for (let i = 0; i < 1000; i++) {
    const [high, low] = [BigInt(words.word()), BigInt(words.word())]
    t.is(uniform.uniform(), Number((high << 21n) | (low >> 11n)) / 2 ** 53)
  }
})

test('moments of uniform, normal and below', (t) => {
  const random = new Random(2, 'report')
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const uniform = Array.from({ length: 20_000 }, () => random.uniform())
  t.true(Math.abs(mean(uniform) - 0.5) < 0.01)
  t.true(uniform.every((x) => x >= 0 && x < 1))
  const normal = Array.from({ length: 20_000 }, () => random.normal())
  t.true(Math.abs(mean(normal)) < 0.03)
  t.true(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.05)
  t.true(Math.abs(mean(normal.map((x) => x ** 4)) - 3) < 0.3)
  const counts = [0, 0, 0]
  for (let i = 0; i < 9000; i++) (counts[random.below(3)] as number)++
  t.true(
    counts.every((n) => Math.abs(n - 3000) < 180),
    String(counts),
  )
})

test('shuffle works in place and gives every order as often', (t) => {
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 6000; seed++) {
    const items = ['a', 'b', 'c']
    new Random(seed, 'report').shuffle(items)
    counts.set(items.join(''), (counts.get(items.join('')) ?? 0) + 1)
  }
  t.is(counts.size, 6)
  for (const [order, n] of counts) t.true(Math.abs(n - 1000) < 130, `${order} ${n}`)
})

test('a permutation holds every index once', (t) => {
  for (const n of [0, 1, 2, 100]) {
    const indices = Array.from({ length: n }, (_, i) => i)
    t.deepEqual(
      [...new Random(n, 'report').permutation(n)].sort((a, b) => a - b),
      indices,
    )
  }
  t.not(String(new Random(1, 'report').permutation(20)), String(new Random(2, 'report').permutation(20)))
})
