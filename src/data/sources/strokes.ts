/** x to the right, y down, both in the unit square. */
export type Point = readonly [x: number, y: number]

/** A polyline with round ends. */
export interface Stroke {
  readonly points: readonly Point[]
  /** In units of the unit square's side. */
  readonly width: number
}

/**
 * Draws strokes, anti-aliased: the ink of a pixel falls from 1 to 0 over one pixel about the edge of the nearest stroke.
 *
 * @returns `[height, width]` ink in [0, 1]
 */
export function rasterise(strokes: readonly Stroke[], height: number, width: number): Float32Array {
  const ink = new Float32Array(height * width)
  const side = Math.min(height, width)
  const [offsetX, offsetY] = [(width - side) / 2, (height - side) / 2]
  for (const { points, width: thickness } of strokes) {
    const radius = (thickness * side) / 2
    const reach = radius + 1
    for (let i = 0; i + 1 < points.length; i++) {
      const [ax, ay] = pixel(points[i] as Point)
      const [bx, by] = pixel(points[i + 1] as Point)
      const [dx, dy] = [bx - ax, by - ay]
      const squared = dx * dx + dy * dy
      const top = Math.max(0, Math.floor(Math.min(ay, by) - reach))
      const bottom = Math.min(height - 1, Math.ceil(Math.max(ay, by) + reach))
      const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach))
      const right = Math.min(width - 1, Math.ceil(Math.max(ax, bx) + reach))
      for (let y = top; y <= bottom; y++)
        for (let x = left; x <= right; x++) {
          const [px, py] = [x + 0.5 - ax, y + 0.5 - ay]
          const t = squared > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / squared)) : 0
          const value = radius + 0.5 - Math.hypot(px - t * dx, py - t * dy)
          const at = y * width + x
          if (value > (ink[at] as number)) ink[at] = Math.min(1, value)
        }
    }
  }
  return ink

  function pixel([x, y]: Point): [number, number] {
    return [offsetX + x * side, offsetY + y * side]
  }
}
