// Exact search and the figures of retrieval beside PyTorch and pytorch-metric-learning.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allPairs, Embeddings } from '../dist/index.js'
import { averagePrecisionAtR, recallAtK, rPrecision } from '../dist/metrics/retrieval.js'
import { mean } from '../dist/metrics/statistics.js'
import { engine } from '../dist/native/engine.js'
import { Gallery } from '../dist/native/gallery.js'
import { classRanks } from '../dist/protocols/classRanks.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { pythonContestant } from './contestant.mjs'

export const title = 'Search'
export const about =
  'Exact, rows of length 1. The ten nearest of 256 queries in 1,000,000 x 512, by float32 and by bytes, both settled in float64, in a ' +
  'gallery that is open (for bytes it is rounded once, when it is opened); PyTorch: `torch.matmul(queries, gallery.T).topk(10)` in inference ' +
  "mode. What npair finds is compared with float64's. Recall@1, R-precision and MAP@R of 60,502 x 60,502 x 512, the size of " +
  "Online Products; pytorch-metric-learning 2.9: `AccuracyCalculator(k='max_bin_count')` with its `CustomKNN`, 1,024 queries at a time. " +
  'Figures are compared. Every pair of 44,800 rows (`allPairs`), which no peer here does in memory that a machine has. Extra memory is the peak above what was there before, copies that npair makes of the rows included.'

export async function bench({ threads, tiny = false }) {
  const { threads: own } = await (await engine()).environment()
  if (own !== threads) throw new Error(`npair searches with ${own} threads, and the peers with ${threads}`)
  const size = tiny ? 8 : 512
  return [
    await pairs(tiny ? 500 : 44_800, size),
    ...(await figures(threads, tiny ? 500 : 60_502, size)),
    ...(await nearest(threads, tiny)),
  ]
}

async function figures(threads, count, size) {
  return inFolder(async (folder) => {
    const peer = await pythonContestant('search.py', ['pml', threads, folder, count, size])
    const rows = new Embeddings(numbers(folder, 'rows.f32', Float32Array), size)
    const labels = numbers(folder, 'labels.i32', Int32Array)
    writeFileSync('/proc/self/clear_refs', '5')
    const before = memory().now
    const start = performance.now()
    const ranks = (await classRanks(rows, labels)).filter((own) => own.length > 0)
    const ours = (performance.now() - start) / 1000
    const extra = memory().peak - before
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
    return [
      row(`Recall@1, R-precision, MAP@R of ${count} x ${size}`, ours, theirs, `${(theirs / ours).toFixed(2)}x`, extra),
    ]
  })
}

/** Without a peer: whoever holds 10⁹ scores needs a machine for it. */
async function pairs(count, size) {
  const rows = new Embeddings(new Float32Array(count * size), size)
  let state = 1
  for (let i = 0; i < rows.data.length; i++) {
    // A linear congruential generator: quick, and rows of one class share a part of theirs.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    rows.data[i] = state / 2 ** 32 - 0.5 + (i % size === Math.floor(i / size / 5) % size ? 3 : 0)
  }
  const labels = Int32Array.from({ length: count }, (_, i) => Math.floor(i / 5))
  writeFileSync('/proc/self/clear_refs', '5')
  const before = memory().now
  const start = performance.now()
  const { genuine, impostor } = await allPairs(rows, labels, { far: [count > 1000 ? 1e-6 : 1e-3] })
  const taken = (performance.now() - start) / 1000
  const what = `histogram and exact TAR at FAR 1e-6 of ${((genuine + impostor) / 1e9).toFixed(3)} · 10⁹ pairs, ${size} numbers each`
  return { ...row(what, taken, 0, '', memory().peak - before), 'peer, s': '' }
}

async function nearest(threads, tiny) {
  const [count, size, queries, k] = tiny ? [5000, 8, 9, 3] : [1_000_000, 512, 256, 10]
  return inFolder(async (folder) => {
    const peer = await pythonContestant('search.py', ['topk', threads, folder, count, size, queries, k])
    const asking = new Embeddings(numbers(folder, 'queries.f32', Float32Array), size)
    const expected = {
      rows: numbers(folder, 'rows.i32', Int32Array),
      scores: numbers(folder, 'scores.f64', Float64Array),
    }
    const rows = []
    for (const shortlist of ['float32', 'int8']) {
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
      const seconds = await alternate({ ours, peer }, 1, tiny ? 1 : 5, 1)
      await gallery.close()
      const what = `${k} nearest of ${queries} in ${count} x ${size}, ${shortlist} (opened in ${opened.toFixed(1)} s)`
      rows.push(row(what, median(seconds.ours), median(seconds.peer), formatRatio(ratio(seconds.peer, seconds.ours))))
    }
    peer.close()
    return rows
  })
}

const row = (what, ours, theirs, against, extra) => ({
  what,
  'npair, s': ours.toFixed(3),
  'peer, s': theirs.toFixed(3),
  'against the peer': against,
  'extra memory, MB': extra === undefined ? '' : Math.round(extra / 1e6),
})

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

function memory() {
  const status = readFileSync('/proc/self/status', 'utf8')
  const bytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}
