/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011), the generator that the engine uses too.
 *
 * Nothing here has a state that must be saved: every draw is a function of (seed, purpose, a, b, position), so that
 * any epoch, step or row can be re-created alone.
 */

/** What a stream of random numbers is for; streams of different purposes are independent. */
export const purposes = {
  init: 1,
  dropout: 2,
  augment: 3,
  sampling: 4,
  split: 5,
  mining: 6,
  protocol: 7,
  glyphs: 8,
  report: 9,
  cluster: 10,
  bootstrap: 11,
  classAugment: 12,
} as const

export type Purpose = keyof typeof purposes

/** One block of Philox4x32-10: four 32-bit words from a counter of four words and a key of two. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(0xd2511f53, c0)
    const l0 = Math.imul(0xd2511f53, c0)
    const h1 = mulHigh(0xcd9e8d57, c2)
    const l1 = Math.imul(0xcd9e8d57, c2)
    c0 = h1 ^ c1 ^ k0
    c1 = l1
    c2 = h0 ^ c3 ^ k1
    c3 = l0
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0]
}

/** High 32 bits of the unsigned product of two 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aHigh = a >>> 16
  const aLow = a & 0xffff
  const bHigh = b >>> 16
  const bLow = b & 0xffff
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) | 0
}

/** A stream of random numbers, wholly determined by its arguments. */
export class Random {
  readonly #key: [number, number]
  readonly #a: number
  readonly #b: number
  #block = 0
  #words: number[] = []

  /**
   * @param seed - integer in [0, 2^53)
   * @param purpose - what the numbers are for
   * @param a - first coordinate, for example the epoch or step; integer in [0, 2^32)
   * @param b - second coordinate, for example the row or class; integer in [0, 2^32)
   */
  constructor(seed: number, purpose: Purpose, a = 0, b = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) ^ (purposes[purpose] << 24)]
    this.#a = a >>> 0
    this.#b = b >>> 0
  }

  /** The next 32 random bits as an unsigned integer. */
  word(): number {
    if (this.#words.length === 0) this.#words = philox([this.#block++, 0, this.#b, this.#a], this.#key).reverse()
    return this.#words.pop() as number
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return (this.word() * 2 ** 21 + (this.word() >>> 11)) / 2 ** 53
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T extends number[] | Int32Array | string[] | unknown[]>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const held = items[i]
      items[i] = items[j] as never
      items[j] = held as never
    }
    return items
  }

  /** 0, 1, …, n−1 in random order. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i))
  }
}
