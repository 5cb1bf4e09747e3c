import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { templates } from '../metrics/templates.js'
import { corruptLine, type ListFile } from './listFiles.js'
import { rowsAt } from './rows.js'

/** What is enrolled or searched for as one: an image, or several of one class. */
export interface Entry {
  /** Positions in the dataset, at least one. */
  readonly images: readonly number[]
  /** Class of all of them. */
  readonly label: number
}

/** A list of images, found in a dataset. */
export interface Listed {
  readonly entries: readonly Entry[]
  /** Whether the file has a column of templates. */
  readonly templates: boolean
}

/** Which images were listed before, and where; shared by the lists of one protocol. */
export class ListedBefore {
  readonly #lists = new Map<number, { path: string; number: number; template: string | undefined }[]>()

  /**
   * Refuses an image that stands twice in one template, or in two lists.
   *
   * @throws NPairError `PROTOCOL_CORRUPT`
   */
  add(image: number, name: string, path: string, number: number, template: string | undefined): void {
    const before = this.#lists.get(image) ?? []
    const same = before.find((earlier) => earlier.path !== path || earlier.template === template)
    if (same !== undefined)
      throw new NPairError(
        'PROTOCOL_CORRUPT',
        `${path}, line ${number}: ${name} is listed before, in line ${same.number} of ${same.path}`,
      )
    this.#lists.set(image, [...before, { path, number, template }])
  }
}

/**
 * The entries of a list: a line an image, or after a tab the template that it belongs to; lines of one template are one entry, in the
 * place of its first. An image may belong to several templates of one list.
 *
 * @param position - of an image by its name
 * @param missing - gets the names that the dataset lacks
 * @throws NPairError `PROTOCOL_CORRUPT` naming the line: a column in some lines only, a template of two classes, a repeated image
 */
export function listedEntries(
  { path, lines }: ListFile,
  { labels }: Dataset,
  position: (name: string) => number | undefined,
  before: ListedBefore,
  missing: Set<string>,
): Listed {
  const columns = lines[0]?.text.split('\t').length
  const entries = new Map<string, { images: number[]; label: number }>()
  for (const line of lines) {
    const [name, template, ...more] = line.text.split('\t') as [string, string?, ...string[]]
    if (line.text.split('\t').length !== columns || more.length > 0 || template === '')
      throw corruptLine(path, line, 'expected an image, and in all lines or in none a tab and its template')
    const image = position(name)
    if (image === undefined) {
      missing.add(name)
      continue
    }
    before.add(image, name, path, line.number, template)
    const label = labels[image] as number
    const key = template ?? String(line.number)
    const entry = entries.get(key)
    if (entry === undefined) entries.set(key, { images: [image], label })
    else if (entry.label !== label)
      throw corruptLine(path, line, `the template ${template} has images of another class`)
    else entry.images.push(image)
  }
  return { entries: [...entries.values()], templates: columns === 2 }
}

/** One row an entry: its image's, or the mean of its images' (`metrics.templates`). */
export function entryRows(embeddings: Embeddings, entries: readonly Entry[]): Embeddings {
  const rows = rowsAt(
    embeddings,
    entries.flatMap(({ images }) => images),
  )
  if (rows.count === entries.length) return rows
  return templates(
    rows,
    entries.flatMap(({ images }, entry) => images.map(() => entry)),
  ).embeddings
}
