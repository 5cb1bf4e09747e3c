import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { scoreName } from '../protocols/scoreName.js'
import { confusions } from './confusions.js'
import { embeddingMap } from './embeddingMap.js'
import { type GalleryOptions, gallery } from './gallery.js'
import { nearImages } from './nearImages.js'
import { packedPictures } from './pictureSource.js'
import type { ReportData } from './reportData.js'

/** What embeddings look like. */
export type Looks = Pick<ReportData, 'gallery' | 'confusions' | 'map'>

/**
 * What a page shows of embeddings besides figures: nearest images and confused classes, where a class has two images, and maps.
 * Features without a source of pictures are nothing to look at: of them only confused classes and maps, with names instead of pictures.
 *
 * @param embeddings - `[dataset.length, d]`
 */
export async function looks(dataset: Dataset, embeddings: Embeddings, options: GalleryOptions = {}): Promise<Looks> {
  const { source = packedPictures(dataset) } = options
  const map = await embeddingMap(dataset, embeddings, source !== undefined, { source })
  const near = await nearImages(dataset, embeddings)
  const shown = { ...options, source, score: scoreName(embeddings) }
  return {
    ...(near.length > 0 && source && { gallery: await gallery(dataset, near, shown) }),
    ...(near.length > 0 && { confusions: await confusions(dataset, near, undefined, source) }),
    ...(map && { map }),
  }
}
