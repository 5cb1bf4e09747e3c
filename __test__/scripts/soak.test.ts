import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import '../train/ownCache.js'

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url))

test('memory stays flat over steps, embeds and models (npm run soak: 10,000, 10,000 and 300, to 2 %)', (t) => {
  // So few need not have reached what the process settles at; a leak of a batch or a model would be far above.
  const few = ['--steps', '300', '--embeds', '200', '--models', '20', '--percent', '10']
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...few], {
    ...{ encoding: 'utf8', timeout: 240_000 },
  })
  t.is(status, 0, stdout + stderr)
  t.regex(stdout, /\nsoak: 300 steps \S+ %, 200 embeds \S+ %, 20 models \S+ %; within 10 %\n$/)
})
