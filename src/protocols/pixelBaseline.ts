import type { Dataset } from '../data/dataset.js'
import { datasetPixels } from '../data/pixels.js'
import { Embeddings } from '../embeddings.js'
import type { Embedder } from './protocol.js'

/** Longest row of the baseline, in numbers: beyond it images are averaged down in square cells. */
const longest = 4096

/**
 * The embedder to beat: an image is embedded as its own pixels, in [0, 1], each image's mean taken off so that the cosine
 * compares shapes and not brightness. Images of more than 4096 numbers are averaged in square cells first.
 */
export const pixelBaseline: Embedder = {
  async embedDataset(dataset: Dataset): Promise<Embeddings> {
    const { height, width, channels } = dataset.pack
    let cell = 1
    while (Math.floor(height / cell) * Math.floor(width / cell) * channels > longest) cell++
    const [rows, columns] = [Math.floor(height / cell), Math.floor(width / cell)]
    const size = rows * columns * channels
    const data = new Float32Array(dataset.length * size)
    const block = 1024 // images read at a time
    for (let first = 0; first < dataset.length; first += block) {
      const positions = Array.from({ length: Math.min(block, dataset.length - first) }, (_, i) => first + i)
      const images = await datasetPixels(dataset, positions)
      images.forEach((pixels, i) => {
        const row = data.subarray((first + i) * size, (first + i + 1) * size)
        for (let y = 0; y < rows * cell; y++)
          for (let x = 0; x < columns * cell; x++)
            for (let c = 0; c < channels; c++) {
              const at = (Math.floor(y / cell) * columns + Math.floor(x / cell)) * channels + c
              row[at] = (row[at] as number) + (pixels[(y * width + x) * channels + c] as number) / (255 * cell * cell)
            }
        const mean = row.reduce((sum, x) => sum + x, 0) / size
        for (let k = 0; k < size; k++) row[k] = (row[k] as number) - mean
      })
    }
    return new Embeddings(data, size)
  },
}
