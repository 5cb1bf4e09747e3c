import test from 'ava'
import { npair } from './npair.js'

test('npair conformance prints expected against got, and says how many hold', async (t) => {
  const { code, stdout, stderr } = await npair('conformance')
  t.is(stderr, '')
  t.is(code, 0)
  t.regex(stdout, /^ok +V11 margin triplet +tripletMargin +float64 +0\.3000000000 +0\.3000000000/m)
  const [, hold, of] = /(\d+) of (\d+) hold\n$/.exec(stdout) ?? []
  t.true(hold === of && Number(of) > 50)
})

test('npair conformance --json', async (t) => {
  const { code, stdout } = await npair('conformance', '--json')
  t.is(code, 0)
  const results: { holds: boolean; vector: { id: string } }[] = JSON.parse(stdout)
  t.true(results.every(({ holds }) => holds) && results.some(({ vector }) => vector.id === 'V8'))
})
