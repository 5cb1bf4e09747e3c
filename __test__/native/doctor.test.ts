import test from 'ava'
import { type Diagnosis, describeDiagnosis, diagnose } from '../../src/native/doctor.js'

const healthy: Diagnosis = {
  ...{ npair: '0.1.0', node: '20.19.0', platform: 'linux-x64-gnu', system: 'linux 6.1', glibc: '2.36' },
  ...{ processor: 'A processor', processors: 2, needs: '2.11.0', problem: null },
  libtorch: {
    ...{ root: '/t', version: '2.11.0', build: '2.11.0+cpu', variant: 'cpu', headers: false, source: 'cache' },
    skipped: [{ where: 'LIBTORCH', why: '/old is libtorch 2.10.0, and npair needs exactly 2.11.0' }],
  },
  load: {
    ...{ addon: '/a.node', loader: '/l.node', threads: 2, cpuCapability: 'AVX2', cudaDevices: 0 },
    withoutCuda: 'there is no NVIDIA driver',
  },
}

test('the text says all, and last whether npair can be used', (t) => {
  t.is(
    describeDiagnosis(healthy),
    `npair      0.1.0
Node.js    20.19.0
platform   linux-x64-gnu (linux 6.1, glibc 2.36)
processor  2 x A processor
libtorch   2.11.0+cpu (cpu) from cache: /t
  skipped  LIBTORCH: /old is libtorch 2.10.0, and npair needs exactly 2.11.0
addon      /a.node
loader     /l.node
threads    2 (AVX2)
CUDA       not used: there is no NVIDIA driver
npair can be used here.`,
  )
})

test('with a GPU, and with a problem', (t) => {
  const { load } = healthy
  const gpu = { ...healthy, load: load && { ...load, withoutCuda: null, cudaDevices: 1 } }
  t.regex(describeDiagnosis(gpu), /\nCUDA {7}1 devices\n/)
  const problem = { code: 'LIBTORCH_NOT_FOUND', message: 'No libtorch' }
  const text = describeDiagnosis({ ...healthy, glibc: null, libtorch: null, load: null, problem })
  t.regex(text, /\(linux 6\.1, no glibc\)\n/)
  t.regex(
    text,
    /\nlibtorch {3}none \(npair needs exactly 2\.11\.0\)\nnpair cannot be used here: No libtorch \[LIBTORCH_NOT_FOUND\]$/,
  )
})

test('this machine can use npair', async (t) => {
  const { problem, load, libtorch, needs } = await diagnose()
  t.is(problem, null)
  t.is(libtorch?.version, needs)
  t.true((load?.threads ?? 0) > 0)
})
