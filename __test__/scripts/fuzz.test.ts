import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import '../train/ownCache.js'

const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url))

test('damaged packs, indexes, bundles, checkpoints, features and images: a named error, a skip or success (npm run fuzz: 1,000 of each)', (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--count', '25', '--seed', '7'], {
    ...{ encoding: 'utf8', timeout: 240_000 },
  })
  t.is(status, 0, stdout + stderr)
  // Damage that is signed gets past the checksums, to whoever reads the tensors.
  for (const kind of ['bundle', 'checkpoint']) t.regex(stdout, new RegExp(`ok   ${kind}: .*WEIGHTS_MISMATCH`))
  // Not all of what is asked for is absurd, and not all of it is drawn.
  t.regex(stdout, /ok {3}svg: .*read/)
  t.regex(stdout, /ok {3}svg: .*IMAGE_UNREADABLE/)
  t.regex(stdout, /\nfuzz: 22 of 22 kinds of files, 25 damaged ones of each \(seed 7\)\n$/)
})
