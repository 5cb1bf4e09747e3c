/** Pixels of a PGM or PPM file. */
export interface PnmImage {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** `[height, width, channels]`, scaled to 0..255 */
  readonly data: Uint8Array
}

const isSpace = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d)

/** Whether bytes begin like a PGM or PPM file: P2, P3, P5 or P6. */
export function isPnm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && [0x32, 0x33, 0x35, 0x36].includes(bytes[1] ?? 0) && isSpace(bytes[2])
}

/**
 * Reads PGM (P2, P5) and PPM (P3, P6) of 8 and 16 bits, the formats of Netpbm, which research face sets use and sharp does not
 * read.
 *
 * @throws Error with the reason, where the file is cut off or contradicts itself
 */
export function readPnm(bytes: Uint8Array): PnmImage {
  const kind = (bytes[1] as number) - 0x30
  const channels = kind === 3 || kind === 6 ? 3 : 1
  const plain = kind < 4
  let at = 2
  const number = (what: () => string): number => {
    for (;;) {
      while (isSpace(bytes[at])) at++
      if (bytes[at] !== 0x23) break
      while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++
    }
    const start = at
    let value = 0
    for (let digit = bytes[at]; digit !== undefined && digit >= 0x30 && digit <= 0x39; digit = bytes[++at])
      value = value * 10 + digit - 0x30
    if (at === start)
      throw new Error(at >= bytes.length ? `the file is cut off in ${what()}` : `${what()} is no number`)
    return value
  }
  const width = number(() => 'its width')
  const height = number(() => 'its height')
  const maximum = number(() => 'its largest value')
  if (width < 1 || height < 1 || width * height > 2 ** 28) throw new Error(`its size is ${width}x${height}`)
  if (maximum < 1 || maximum > 65535) throw new Error(`its largest value is ${maximum}, not 1 to 65535`)
  if (!plain && at < bytes.length && !isSpace(bytes[at])) throw new Error('no white space stands before its pixels')
  const count = width * height * channels
  const wide = maximum > 255
  // Before a damaged size asks for gigabytes of memory; plain values are a digit and white space at least.
  const [left, needed] = [Math.max(0, bytes.length - at - 1), plain ? 2 * count - 1 : wide ? 2 * count : count]
  if (left < needed)
    throw new Error(`the file is cut off: ${left} of ${plain ? 'at least ' : ''}${needed} bytes of pixels`)
  const value = (i: number): number => {
    if (plain) return number(() => `value ${i + 1} of ${count}`)
    const first = at + 1 + (wide ? 2 * i : i)
    return wide ? (bytes[first] as number) * 256 + (bytes[first + 1] as number) : (bytes[first] as number)
  }
  const data = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const found = value(i)
    if (found > maximum) throw new Error(`the value ${found} is above its largest, ${maximum}`)
    data[i] = Math.round((found * 255) / maximum)
  }
  return { width, height, channels, data }
}
