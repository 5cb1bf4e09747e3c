import { invalidOption } from './errors.js'
import { dot } from './metrics/dot.js'

/** Embedding vectors, one a row: `data` is row-major `[count, size]` float32. */
export class Embeddings {
  readonly data: Float32Array
  readonly count: number
  readonly size: number
  /**
   * How alike two rows are: by cosine; or by inner product, where each row is a mean of vectors of length 1, so that the score is the
   * mean of the cosines of all combinations of them.
   */
  readonly metric: 'cosine' | 'dot'

  /**
   * @param data - `[count × size]` float32, row-major; not copied
   * @param size - numbers in a row
   * @param metric - how alike two rows are; default `cosine`
   */
  constructor(data: Float32Array, size: number, metric: 'cosine' | 'dot' = 'cosine') {
    if (metric !== 'cosine' && metric !== 'dot') throw invalidOption('metric', "'cosine' or 'dot'", metric)
    if (!(data instanceof Float32Array)) throw invalidOption('data', 'a Float32Array', data)
    if (!Number.isInteger(size) || size < 1 || data.length % size !== 0)
      throw invalidOption('size', `a divisor of the ${data.length} numbers in data`, size)
    this.data = data
    this.size = size
    this.metric = metric
    this.count = data.length / size
  }

  /** Row `i`, a view of `data`. */
  row(i: number): Float32Array {
    if (!Number.isInteger(i) || i < 0 || i >= this.count)
      throw invalidOption('row', `an integer in [0, ${this.count})`, i)
    return this.data.subarray(i * this.size, (i + 1) * this.size)
  }

  /** Cosine similarity of rows `i` and `j`, in [−1, 1]; 0 where one of them is all zeros. */
  cosine(i: number, j: number): number {
    const [a, b] = [this.row(i), this.row(j)]
    const length = Math.sqrt(dot(a, a) * dot(b, b))
    return length > 0 ? dot(a, b) / length : 0
  }

  /** The rows in order, each a view of `data`. */
  *[Symbol.iterator](): IterableIterator<Float32Array> {
    for (let i = 0; i < this.count; i++) yield this.row(i)
  }

  /** A copy whose rows have Euclidean length 1; a row of zeros stays as it is. */
  normalized(): Embeddings {
    const data = Float32Array.from(this.data)
    for (let i = 0; i < this.count; i++) {
      const row = data.subarray(i * this.size, (i + 1) * this.size)
      let squared = 0
      for (const x of row) squared += x * x
      const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0
      for (let k = 0; k < row.length; k++) row[k] = (row[k] as number) * scale
    }
    return new Embeddings(data, this.size)
  }
  /** Rows whose inner products are the scores: of length 1 where rows are compared by cosine, else these. */
  comparable(): Embeddings {
    return this.metric === 'dot' ? this : this.normalized()
  }
}
