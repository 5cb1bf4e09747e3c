// Exact search and the figures of retrieval beside PyTorch and pytorch-metric-learning.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { allPairs, Embeddings } from '../dist/index.js'
import { averagePrecisionAtR, recallAtK, rPrecision } from '../dist/metrics/retrieval.js'
import { mean } from '../dist/metrics/statistics.js'
import { engine } from '../dist/native/engine.js'
import { Gallery } from '../dist/native/gallery.js'
import { classRanks } from '../dist/protocols/classRanks.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { peers, pythonContestant } from './contestant.mjs'

/** What a row may take, in bytes, the file aside that it searches. */
const mostMemory = 2e9

export const title = 'Search'
export const about =
  'Exact, rows of length 1. The ten nearest of 256 queries in 1,000,000 x 512, by float32 and by bytes, both settled in float64, in a ' +
  'gallery that is open (for bytes it is rounded once, when it is opened); PyTorch: `torch.matmul(queries, gallery.T).topk(10)` in inference ' +
  "mode. What npair finds is compared with float64's. Recall@1, R-precision and MAP@R of 60,502 x 60,502 x 512, the size of " +
  "Online Products; pytorch-metric-learning 2.9: `AccuracyCalculator(k='max_bin_count')` with its `CustomKNN`, 1,024 queries at a time. " +
  'Figures are compared. Every pair of 44,800 rows (`allPairs`), which no peer here does in memory that a machine has. Each row in a ' +
  'process of its own: memory is the most that it ever held, Node.js, libtorch, the rows and the copies that npair makes of them ' +
  `included. More than ${mostMemory / 1e9} GB is an error, not counting the file of 2,048 MB that the nearest are searched in, which is ` +
  'mapped and counts in the table as far as it was read.'

const kinds = { pairs, figures, nearest }

export async function bench({ threads, tiny = false }) {
  const size = tiny ? 8 : 512
  const gallery = tiny
    ? { count: 5000, size, queries: 9, k: 3, rounds: 1 }
    : { count: 1_000_000, size, queries: 256, k: 10, rounds: 5 }
  const cases = [
    { kind: 'pairs', count: tiny ? 500 : 44_800, size },
    { kind: 'figures', count: tiny ? 500 : 60_502, size },
    { kind: 'nearest', ...gallery, shortlist: 'float32' },
    { kind: 'nearest', ...gallery, shortlist: 'int8' },
  ]
  const rows = []
  for (const one of cases) {
    const { row, beside } = await alone({ ...one, threads, most: mostMemory })
    for (const peer of beside) peers.add(peer)
    rows.push(row)
  }
  return rows
}

/** A row in a process of its own, whose memory is nobody else's. */
async function alone(one) {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(one)])
  return JSON.parse(stdout)
}

async function measure({ kind, threads, most, ...one }) {
  const { threads: own } = await (await engine()).environment()
  if (own !== threads) throw new Error(`npair searches with ${own} threads, and the peers with ${threads}`)
  const { what, ours, theirs, against, peak, mapped = 0 } = await kinds[kind]({ threads, ...one })
  if (peak - mapped > most) throw new Error(`${what}: ${peak - mapped} bytes of memory, more than ${most}`)
  const row = {
    what,
    'npair, s': ours.toFixed(3),
    'peer, s': theirs?.toFixed(3) ?? '',
    'against the peer': against ?? '',
    'peak memory, MB': Math.round(peak / 1e6),
  }
  return { row, beside: [...peers] }
}

async function figures({ threads, count, size }) {
  return inFolder(async (folder) => {
    const peer = await pythonContestant('search.py', ['pml', threads, folder, count, size])
    const rows = new Embeddings(numbers(folder, 'rows.f32', Float32Array), size)
    const labels = numbers(folder, 'labels.i32', Int32Array)
    const start = performance.now()
    const ranks = (await classRanks(rows, labels)).filter((own) => own.length > 0)
    const ours = (performance.now() - start) / 1000
    const peak = peakBytes()
    const theirs = await peer.run(1)
    peer.close()
    const found = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'))
    const figures = {
      precision_at_1: mean(ranks.map((own) => recallAtK(own, 1))),
      r_precision: mean(ranks.map((own) => rPrecision(own))),
      mean_average_precision_at_r: mean(ranks.map((own) => averagePrecisionAtR(own))),
    }
    // A pair of rows that float32 cannot tell apart may change one query's figure.
    for (const [name, figure] of Object.entries(figures))
      if (!(Math.abs(figure - found[name]) < 2e-4)) throw new Error(`${name}: ${figure}, but ${found[name]} there`)
    const what = `Recall@1, R-precision, MAP@R of ${count} x ${size}`
    return { what, ours, theirs, against: `${(theirs / ours).toFixed(2)}x`, peak }
  })
}

/** Without a peer: whoever holds 10⁹ scores needs a machine for it. */
async function pairs({ count, size }) {
  const rows = new Embeddings(new Float32Array(count * size), size)
  let state = 1
  for (let i = 0; i < rows.data.length; i++) {
    // A linear congruential generator: quick, and rows of one class share a part of theirs.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    rows.data[i] = state / 2 ** 32 - 0.5 + (i % size === Math.floor(i / size / 5) % size ? 3 : 0)
  }
  const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 5))
  const start = performance.now()
  const { genuine, impostor } = await allPairs(rows, labels, { far: [count > 1000 ? 1e-6 : 1e-3] })
  const ours = (performance.now() - start) / 1000
  const what = `histogram and exact TAR at FAR 1e-6 of ${((genuine + impostor) / 1e9).toFixed(3)} · 10⁹ pairs, ${size} numbers each`
  return { what, ours, peak: peakBytes() }
}

async function nearest({ threads, count, size, queries, k, rounds, shortlist }) {
  return inFolder(async (folder) => {
    const peer = await pythonContestant('search.py', ['topk', threads, folder, count, size, queries, k])
    const asking = new Embeddings(numbers(folder, 'queries.f32', Float32Array), size)
    const expected = {
      rows: numbers(folder, 'rows.i32', Int32Array),
      scores: numbers(folder, 'scores.f64', Float64Array),
    }
    const path = join(folder, 'gallery.f32')
    const opening = performance.now()
    const gallery = await Gallery.map(path, count, size, { metric: 'dot', shortlist })
    const opened = (performance.now() - opening) / 1000
    const ours = {
      async run() {
        const start = performance.now()
        const found = await gallery.nearest(asking, k)
        const taken = (performance.now() - start) / 1000
        compare(found, expected)
        return taken
      },
    }
    const seconds = await alternate({ ours, peer }, 1, rounds, 1)
    await gallery.close()
    peer.close()
    return {
      what: `${k} nearest of ${queries} in ${count} x ${size}, ${shortlist} (opened in ${opened.toFixed(1)} s)`,
      ours: median(seconds.ours),
      theirs: median(seconds.peer),
      against: formatRatio(ratio(seconds.peer, seconds.ours)),
      peak: peakBytes(),
      mapped: 4 * count * size,
    }
  })
}

/** Rows as float64 has them, but for those whose scores differ by no more than 1e-6. */
function compare(found, expected) {
  found.ids.forEach((row, i) => {
    const apart = Math.abs(found.scores[i] - expected.scores[i])
    if ((row !== expected.rows[i] && apart > 1e-6) || apart > 1e-12)
      throw new Error(`place ${i}: row ${row} with ${found.scores[i]}, float64 has ${expected.rows[i]}`)
  })
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'npair-search-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function numbers(folder, name, Numbers) {
  const bytes = readFileSync(join(folder, name))
  return new Numbers(bytes.buffer, bytes.byteOffset, bytes.length / Numbers.BYTES_PER_ELEMENT)
}

/** The most memory that this process ever held, as the kernel tells it. */
function peakBytes() {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]))))
