/** Pixels of one image, row by row. */
interface Pixels {
  /** `[height, width, channels]` uint8 */
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
  readonly channels: number
}

/**
 * Moves an image by whole pixels so that its centre of mass is in the middle, as the digits of MNIST are (LeCun et al. 1998). The mass of
 * a pixel is how much it differs from the background, all channels together. What leaves the image is lost, what comes in is background;
 * an image that is all background stays as it is.
 *
 * @returns `[height, width, channels]` uint8
 */
export function centreMass({ data, height, width, channels }: Pixels, background: number): Uint8Array {
  let [mass, momentX, momentY] = [0, 0, 0]
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, at++) {
        const weight = Math.abs((data[at] as number) - background)
        mass += weight
        momentX += weight * x
        momentY += weight * y
      }
  if (mass === 0) return data
  const right = Math.round((width - 1) / 2 - momentX / mass)
  const down = Math.round((height - 1) / 2 - momentY / mass)
  const moved = new Uint8Array(data.length).fill(background)
  const [from, to] = [Math.max(0, -right), Math.min(width, width - right)]
  for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
    const row = data.subarray((y * width + from) * channels, (y * width + to) * channels)
    moved.set(row, ((y + down) * width + from + right) * channels)
  }
  return moved
}
