/** The multi-class N-pair loss as one would write it after reading the paper: double loops, float64. */

export interface ReferenceOptions {
  l2?: number
  l2Convention?: 'sum' | 'mean' | 'quarter'
  temperature?: number
  normalize?: boolean
}

export interface ReferenceValue {
  loss: number
  nPairMc: number
  l2: number
  /** ∂loss/∂anchors, then ∂loss/∂positives */
  gradient: number[][]
}

/** @param anchors - N rows; `positives[i]` is of the class of `anchors[i]` */
export function referenceNPairMc(
  anchors: number[][],
  positives: number[][],
  options: ReferenceOptions = {},
): ReferenceValue {
  const { l2 = 0, l2Convention = 'sum', temperature = 1, normalize = false } = options
  const n = anchors.length
  const f = normalize ? anchors.map(unit) : anchors
  const g = normalize ? positives.map(unit) : positives
  const df = f.map((row) => row.map(() => 0))
  const dg = g.map((row) => row.map(() => 0))

  let nPairMc = 0
  for (let i = 0; i < n; i++) {
    const own = dot(at(f, i), at(g, i)) / temperature
    const others: number[] = []
    for (let j = 0; j < n; j++)
      others.push(j === i ? Number.NEGATIVE_INFINITY : dot(at(f, i), at(g, j)) / temperature - own)
    const top = others.reduce((a, b) => Math.max(a, b), 0)
    // log(1 + Σ e^x), with the largest exponent taken out; where no exponent is positive, log1p keeps small sums.
    let sum = 0
    for (const x of others) sum += Math.exp(x - top)
    const loss = top > 0 ? top + Math.log(Math.exp(-top) + sum) : Math.log1p(sum)
    nPairMc += loss / n
    for (let j = 0; j < n; j++) {
      if (j === i) continue
      const p = Math.exp((others[j] as number) - loss) / n / temperature
      for (let k = 0; k < at(f, i).length; k++) {
        add(df, i, k, p * (value(g, j, k) - value(g, i, k)))
        add(dg, j, k, p * value(f, i, k))
        add(dg, i, k, -p * value(f, i, k))
      }
    }
  }

  const back = (raw: number[][], gradient: number[][]) =>
    normalize ? gradient.map((row, i) => throughUnit(at(raw, i), row)) : gradient
  const gradient = [...back(anchors, df), ...back(positives, dg)]

  const factor = { sum: 1, mean: 0.5, quarter: 0.25 }[l2Convention] * l2
  let squares = 0
  ;[...anchors, ...positives].forEach((row, i) => {
    squares += dot(row, row)
    row.forEach((x, k) => {
      add(gradient, i, k, (2 * factor * x) / n)
    })
  })
  const penalty = (factor * squares) / n
  return { loss: nPairMc + penalty, nPairMc, l2: penalty, gradient }
}

function unit(row: number[]): number[] {
  const length = Math.sqrt(dot(row, row))
  return row.map((x) => x / length)
}

/** Gradient at `raw` from the gradient at its unit vector: what points along it is lost. */
function throughUnit(raw: number[], gradient: number[]): number[] {
  const e = unit(raw)
  const along = dot(gradient, e)
  const length = Math.sqrt(dot(raw, raw))
  return gradient.map((x, k) => (x - along * (e[k] as number)) / length)
}

function dot(a: number[], b: number[]): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number)
  return sum
}

function at(rows: number[][], i: number): number[] {
  return rows[i] as number[]
}

function value(rows: number[][], i: number, k: number): number {
  return at(rows, i)[k] as number
}

function add(rows: number[][], i: number, k: number, amount: number): void {
  at(rows, i)[k] = value(rows, i, k) + amount
}
