import { normalQuantile } from './normalQuantile.js'
import type { Roc } from './roc.js'

/** Detection error trade-off: both error rates, and where they stand on normal-deviate axes. */
export interface Det {
  /** `[m]` false accept rate, rising. */
  far: Float64Array
  /** `[m]` false reject rate 1 − TAR, falling. */
  frr: Float64Array
  /** `[m]` Φ⁻¹(FAR). */
  farDeviate: Float64Array
  /** `[m]` Φ⁻¹(FRR). */
  frrDeviate: Float64Array
}

/**
 * DET curve (Martin et al. 1997): false reject over false accept rate on normal-deviate axes, where normal scores make a
 * straight line. Deviates of 0 and 1 would be infinite: they are those of half a pair and of all but half a pair.
 *
 * `FRR = 1 − TAR, deviate = Φ⁻¹(min(max(rate, ½/n), 1 − ½/n)), n = pairs of the kind`
 *
 * @example det(roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])).frr // [1, 0.5, 0, 0]
 */
export function det({ far, tar, genuine, impostor }: Roc): Det {
  const frr = tar.map((rate) => 1 - rate)
  const deviate = (rate: number, pairs: number) =>
    normalQuantile(Math.min(Math.max(rate, 0.5 / pairs), 1 - 0.5 / pairs))
  return {
    ...{ far, frr },
    farDeviate: far.map((rate) => deviate(rate, impostor)),
    frrDeviate: frr.map((rate) => deviate(rate, genuine)),
  }
}
