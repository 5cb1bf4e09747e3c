import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from '../../src/native/cacheFolder.js'

/**
 * A cache of this test file's own, so that packs of its tiny data do not pile up in the user's; libtorch is looked for in
 * the cache as well, and stays where it is. Child processes inherit it.
 */
const own = mkdtempSync(join(tmpdir(), 'npair-cache-'))
const real = cacheFolder()
try {
  for (const name of readdirSync(real)) if (name.startsWith('libtorch-')) symlinkSync(join(real, name), join(own, name))
} catch {
  // No cache yet: libtorch is somewhere else.
}
process.env.NPAIR_CACHE = own
process.on('exit', () => rmSync(own, { recursive: true, force: true }))
