import { mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** An empty folder that goes when the test has ended. */
export function temporaryFolder(t: Pick<ExecutionContext, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'npair-data-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What lies in a cache: packs, and whatever should not be there. */
export async function packsIn(cache: string): Promise<string[]> {
  return (await readdir(join(cache, 'packs')).catch(() => [])).sort()
}
