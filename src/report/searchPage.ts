import { basename } from 'node:path'
import { decodeImage } from '../data/decode.js'
import { isFeatures } from '../data/featureIngest.js'
import { writeFileAtomic } from '../files/atomic.js'
import { scoreName } from '../protocols/scoreName.js'
import { recallLine } from '../retrieval/recallLine.js'
import type { ImagesFound } from '../retrieval/searchImages.js'
import { type Html, html } from './html.js'
import { page } from './page.js'
import { picture } from './picture.js'

/**
 * Writes what was found as a page with the pictures.
 *
 * @throws NPairError `NOT_WRITABLE`
 */
export async function writeSearchPage(path: string, images: ImagesFound): Promise<void> {
  await writeFileAtomic(path, await foundPage(images))
}

async function foundPage({ found, ingest, index, approximate, recall }: ImagesFound): Promise<string> {
  const rows: Html[] = []
  for (const { query, hits } of found) {
    const items: Html[] = []
    for (const { id, label, score } of hits)
      items.push(
        html`<li>${await image(id, `${label ?? ''}, similarity ${score.toFixed(2)}`, ingest)}<span class="mark">${score.toFixed(2)} ${label === undefined ? null : html`<span class="label">${label}</span>`}</span></li>`,
      )
    rows.push(html`<li><span class="name" title="${query}">${basename(query)}</span>
<div class="query">${await image(query, 'Query', ingest)}<span class="mark">query</span></div>
<ol>${items}</ol></li>\n`)
  }
  return page(
    'npair search',
    html`<header><h1>Search</h1>
<p class="lead">Each image with those of the index that are most like it, by ${scoreOf(index)} (the number under each).</p>
${approximate ? html`<p class="soft">Only likely neighbours were looked at: ${recallLine(recall)}.</p>` : null}</header>
<main><ul class="gallery">${rows}</ul></main>`,
  )
}

/** What the numbers are. */
function scoreOf({ metric, model }: ImagesFound['index']): string {
  if (metric === 'euclidean') return 'minus the Euclidean distance'
  return metric === 'dot' && model?.views.fusion !== 'scores' ? 'inner product' : scoreName({ metric })
}

/** As the model sees it; one that has moved since it was indexed is told by name. */
async function image(path: string, alternative: string, ingest: ImagesFound['ingest']): Promise<Html> {
  const pixels = isFeatures(ingest) ? undefined : await decodeImage(path, ingest).catch(() => undefined)
  if (pixels === undefined || isFeatures(ingest))
    return html`<span class="soft">${basename(path)} cannot be read</span>`
  const [height, width] = ingest.size
  const source = await picture(pixels, { height, width, channels: ingest.channels })
  const kind = source.startsWith('data:image/png') ? 'exact' : 'smooth'
  return html`<img class="${kind}" src="${source}" alt="${alternative}" title="${path}">`
}
