import { crc32, deflateRawSync } from 'node:zlib'

/** A file for {@link zipOf}. */
export interface ZipEntry {
  readonly path: string
  readonly data: Buffer | string
  /** What the archive claims; default: the truth. */
  readonly crc?: number
}

/** A zip archive with these files, deflated: local headers and data, the directory, its end (APPNOTE 4.3). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, data, crc } of entries) {
    const name = Buffer.from(path)
    const content = Buffer.from(data)
    const packed = deflateRawSync(content)
    // Version 20, no flags, deflate, no time, CRC-32, both sizes, length of the name, nothing extra.
    const about = Buffer.alloc(26)
    about.writeUInt16LE(20, 0)
    about.writeUInt16LE(8, 4)
    about.writeUInt32LE(crc ?? crc32(content), 10)
    about.writeUInt32LE(packed.length, 14)
    about.writeUInt32LE(content.length, 18)
    about.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\x03\x04'), about, name, packed)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), about, place, name)
    offset += 4 + about.length + name.length + packed.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, listed, Buffer.from('PK\x05\x06'), end])
}
