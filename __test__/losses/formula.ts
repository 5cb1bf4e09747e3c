/** `formula` of fixtures/nPairMc.py: element j of tensor number k is (((j + 7919k)² + 7j + 1) · 2654435761 mod 2³² >> 8) / 2²⁴ − ½. */
export function formula(k: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, j) => {
    const place = j + 7919 * k
    const word = Math.imul(Math.imul(place, place) + 7 * j + 1, 2654435761)
    return (word >>> 8) / 2 ** 24 - 0.5
  })
}
