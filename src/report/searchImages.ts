import { basename } from 'node:path'
import { decodeImage } from '../data/decode.js'
import { isFeatures } from '../data/featureIngest.js'
import { invalidOption } from '../errors.js'
import { writeFileAtomic } from '../files/atomic.js'
import { imageFiles } from '../model/embedFiles.js'
import { requireSameModel } from '../model/identity.js'
import { Model } from '../model/model.js'
import type { Views } from '../model/views.js'
import { scoreName } from '../protocols/scoreName.js'
import type { Hit } from '../retrieval/indexOptions.js'
import { Index } from '../retrieval/searchIndex.js'
import { type Html, html } from './html.js'
import { page } from './page.js'
import { picture } from './picture.js'

/** An image that was looked for, and what is most like it. */
export interface FoundImages {
  /** Path. */
  query: string
  /** Nearest first; ids are paths. */
  hits: Hit[]
}

/**
 * Looks for images in an index that `indexImages` saved.
 *
 * @param paths - images, or folders
 * @param options - hits of each; a page with the pictures to write, if any; who is told that an index is tied
 *   to no model; what the model sees an image in, by default as trained
 * @throws NPairError what `Model.load`, `Model.embed` and `Index.load` throw; `INDEX_MODEL` if the index is of another model;
 *   `INVALID_OPTION` if it is tied to none and holds embeddings of another size; `NOT_WRITABLE`
 */
export async function searchImages(
  modelPath: string,
  folder: string,
  paths: readonly string[],
  options: { k: number; page?: string | undefined; views?: Partial<Views>; onNotice?: (notice: string) => void },
): Promise<FoundImages[]> {
  const files = await imageFiles(paths)
  const index = await Index.load(folder)
  try {
    const model = await Model.load(modelPath, options.views)
    try {
      if (index.model !== undefined) requireSameModel(index.model, model.identity)
      else options.onNotice?.(`${folder} is tied to no model: nobody checks that ${modelPath} made its embeddings`)
      if (index.size !== model.description.embeddingSize)
        throw invalidOption('model', `the one of the index, whose embeddings have ${index.size} numbers`, modelPath)
      const hits = await index.search(await model.embed(files), { k: options.k })
      const found = files.map((query, i) => ({ query, hits: hits[i] as Hit[] }))
      if (options.page !== undefined) await writeFileAtomic(options.page, await foundPage(found, model, index))
      return found
    } finally {
      await model.close()
    }
  } finally {
    await index.close()
  }
}

async function foundPage(found: FoundImages[], model: Model, index: Index): Promise<string> {
  const rows: Html[] = []
  for (const { query, hits } of found) {
    const items: Html[] = []
    for (const { id, label, score } of hits)
      items.push(
        html`<li>${await image(id, `${label ?? ''}, similarity ${score.toFixed(2)}`, model)}<span class="mark">${score.toFixed(2)} ${label === undefined ? null : html`<span class="label">${label}</span>`}</span></li>`,
      )
    rows.push(html`<li><span class="name" title="${query}">${basename(query)}</span>
<div class="query">${await image(query, 'Query', model)}<span class="mark">query</span></div>
<ol>${items}</ol></li>\n`)
  }
  return page(
    'npair search',
    html`<header><h1>Search</h1>
<p class="lead">Each image with those of the index that are most like it, by ${scoreOf(index)} (the number under each).</p></header>
<main><ul class="gallery">${rows}</ul></main>`,
  )
}

/** What the numbers are. */
function scoreOf({ metric, model }: Index): string {
  if (metric === 'euclidean') return 'minus the Euclidean distance'
  return metric === 'dot' && model?.views.fusion !== 'scores' ? 'inner product' : scoreName({ metric })
}

/** As the model sees it; one that has moved since it was indexed is told by name. */
async function image(path: string, alternative: string, { description: { ingest } }: Model): Promise<Html> {
  const pixels = isFeatures(ingest) ? undefined : await decodeImage(path, ingest).catch(() => undefined)
  if (pixels === undefined || isFeatures(ingest))
    return html`<span class="soft">${basename(path)} cannot be read</span>`
  const [height, width] = ingest.size
  const source = await picture(pixels, { height, width, channels: ingest.channels })
  const kind = source.startsWith('data:image/png') ? 'exact' : 'smooth'
  return html`<img class="${kind}" src="${source}" alt="${alternative}" title="${path}">`
}
