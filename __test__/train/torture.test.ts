import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import './ownCache.js'

const script = fileURLToPath(new URL('../../scripts/torture.mjs', import.meta.url))

test('killed ten times at random moments: every run ends as the one never stopped (npm run torture: 200 times)', (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--kills', '10', '--seed', '7'], {
    ...{ encoding: 'utf8', timeout: 240_000 },
  })
  t.is(status, 0, stderr)
  t.regex(stdout, /^torture: 10 kills in \d+ lives of \d+ runs, each ended as the one never stopped \(seed 7\)\n$/)
})
