import test from 'ava'
import { readManifest } from '../../src/native/manifest.js'
import { planSetup } from '../../src/native/setup.js'
import { describePlan, describeResult, showSetupProgress } from '../../src/native/setupReport.js'
import { wheelsOf } from './fakeLibtorch.js'

function stream(isTTY: boolean) {
  let text = ''
  return {
    isTTY,
    write: (more: string) => {
      text += more
    },
    text: () => text,
  }
}
const fetching = (done: number, total = 2_000_000) => ({ doing: 'fetch', what: 'torch 2.11.0', done, total }) as const

test('without a terminal: a line for each step, and none for every byte', (t) => {
  const out = stream(false)
  const { show, end } = showSetupProgress(out)
  for (const done of [0, 1000, 500_000, 2_000_000]) show(fetching(done))
  show({ doing: 'unpack', what: 'torch 2.11.0', done: 0, total: 0 })
  end()
  t.is(out.text(), 'fetching torch 2.11.0 (0.0 MB of 2 MB)\nunpacking torch 2.11.0\n')
})

test('on a terminal: one line a step, which stays when it is over', (t) => {
  const out = stream(true)
  const { show, end } = showSetupProgress(out)
  show(fetching(0))
  // Sizes are approximate: the end may be told again and again.
  for (let again = 0; again < 3; again++) show(fetching(2_000_000))
  show({ doing: 'verify', what: 'torch 2.11.0', done: 1_000_000, total: 2_000_000 })
  end()
  end()
  t.deepEqual(
    out
      .text()
      .split('\n')
      .map((line) => line.split('\x1b[2K').at(-1)),
    [
      `[${'#'.repeat(24)}] fetching torch 2.11.0 2 MB of 2 MB`,
      `[${'#'.repeat(12)}${'.'.repeat(12)}] checking torch 2.11.0 1 MB of 2 MB`,
      '',
    ],
  )
})

test('a plan says what comes, how much, its licences and where it goes', (t) => {
  const env = { NPAIR_CACHE: '/nowhere/cache' }
  const text = describePlan(planSetup({ env }))
  t.regex(text, /^libtorch 2\.11\.0 for the CPU would be fetched, 544 MB in 3 wheels:\n/)
  t.true(text.endsWith('\nto /nowhere/cache/libtorch-2.11.0-cpu'))
  for (const { name, version, file, sha256, license } of wheelsOf(readManifest()).slice(0, 3))
    for (const part of [`${name} ${version}`, file, `sha256 ${sha256}`, license]) t.true(text.includes(part), part)
  t.regex(
    describePlan(planSetup({ env, device: 'cuda' })),
    /for CUDA and the CPU would be fetched.*\n(?:.*\n)* {2}nvidia-cublas 13\.1\.0\.3 {2}about 423 MB/,
  )
  t.is(
    describePlan(planSetup({ env, from: '/tmp' })),
    'libtorch 2.11.0 for the CPU would be unpacked from /tmp to /nowhere/cache/libtorch-2.11.0-cpu',
  )
  t.regex(describePlan({ ...planSetup({ env }), ready: true }), /is set up already: \/nowhere\/cache/)
})

test('the result says what is where', (t) => {
  const libtorch = {
    root: '/c/torch',
    version: '2.11.0',
    build: '2.11.0+cu130',
    variant: 'cpu',
    headers: false,
  } as const
  t.is(describeResult({ libtorch, already: false }), 'libtorch 2.11.0+cu130 (cpu) is set up: /c/torch')
  t.is(describeResult({ libtorch, already: true }), 'libtorch 2.11.0+cu130 (cpu) is set up already: /c/torch')
})
