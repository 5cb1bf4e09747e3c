import { join, resolve } from 'node:path'
import { invalidOption } from '../errors.js'
import type { Shortlist } from '../native/gallery.js'
import { Approximation } from './approximation.js'
import { requireUsearch } from './graph.js'
import type { IndexDescription } from './indexDescription.js'
import { readIndex } from './readIndex.js'
import type { SavedState } from './savedState.js'
import { type OpenFile, Segment } from './segment.js'

/** The folder that an index was loaded from or saved into. */
export interface SavedIndex {
  /** A whole path. */
  readonly folder: string
  readonly state: SavedState
}

/** What a saved index holds, ready to be searched. */
export interface OpenedIndex {
  readonly description: IndexDescription
  readonly saved: SavedIndex
  /** Its rows, mapped; undefined where there are none. */
  readonly segment?: Segment
  /** Where it was asked for, and there are rows. */
  readonly approximation?: Approximation
}

/** @throws NPairError as `Index.load` */
export async function openIndex(
  folder: string,
  { shortlist, verify, approximate }: { shortlist: Shortlist; verify: boolean; approximate: boolean },
): Promise<OpenedIndex> {
  // Before a look at gigabytes of rows.
  if (approximate) await requireUsearch()
  const at = resolve(folder)
  const { description, state, taken } = await readIndex(at, verify, approximate, async (rows, found) => {
    if (approximate && !found.graph)
      throw invalidOption(
        'approximate',
        `false for ${folder}, which was saved without a graph (see index.approximate, or npair index --approximate),`,
        approximate,
      )
    return takeRows(at, rows, found, shortlist, approximate)
  })
  const { segment, approximation } = taken
  // Nothing can be mapped of an empty file.
  if (segment === undefined) await taken.close()
  return {
    description,
    saved: { folder: at, state },
    ...(segment && { segment }),
    ...(approximation && { approximation }),
  }
}

interface Taken {
  readonly segment?: Segment
  readonly approximation?: Approximation
  close(): Promise<void>
}

async function takeRows(
  folder: string,
  rows: OpenFile,
  { entries, size, metric, graph }: IndexDescription,
  shortlist: Shortlist,
  approximate: boolean,
): Promise<Taken> {
  if (entries.length === 0) return { close: () => rows.handle.close() }
  const segment = await Segment.map(rows, entries, size, { metric, shortlist })
  const close = () => segment.close()
  if (!approximate || !graph) return { segment, close }
  const { file, connectivity, expansion, recall } = graph
  try {
    const shape = { metric, size, connectivity, expansion }
    const approximation = await Approximation.load(join(folder, file), segment, shape)
    approximation.recall = recall
    return { segment, close, approximation }
  } catch (error) {
    await close()
    throw error
  }
}
