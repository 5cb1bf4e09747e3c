import type { Embeddings } from '../embeddings.js'

/** The bytes of a NumPy file (format 1.0) that holds embeddings as float32 `[count, size]`. */
export function npy(embeddings: Embeddings): Uint8Array {
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${embeddings.count}, ${embeddings.size}), }`
  // Magic (6), version (2), length (2) and the header fill a multiple of 64 bytes, the header ends in a newline.
  const header = `${fields.padEnd(Math.ceil((fields.length + 11) / 64) * 64 - 11)}\n`
  const bytes = new Uint8Array(10 + header.length + embeddings.data.byteLength)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8])
  bytes.set(new TextEncoder().encode(header), 10)
  const view = new DataView(bytes.buffer, 10 + header.length)
  embeddings.data.forEach((x, i) => {
    view.setFloat32(4 * i, x, true)
  })
  return bytes
}
