// Seeded damage: to bytes as they are, and to the values of a JSON text, whose checksums are then made right again, so that
// what lies behind a checksum is met as well.
import { Random } from '../../dist/random.js'

/** The damage of case `index`: two calls with the same numbers do the same. */
export const damage = (seed, index) => new Random(seed, 'sampling', 0xf022, index)

const numbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** @returns {Buffer} a copy with one to four places changed */
export function mutateBytes(random, whole) {
  let bytes = Buffer.from(whole)
  // Half of the damage near the beginning, where formats keep what decides the rest.
  const place = () => random.below(Math.max(1, random.uniform() < 0.5 ? Math.min(64, bytes.length) : bytes.length))
  for (let left = 1 + random.below(4); left > 0 && bytes.length > 0; left--) {
    const at = place()
    const length = 1 + random.below(16)
    switch (random.below(7)) {
      case 0:
        bytes[at] ^= 1 << random.below(8)
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes = bytes.subarray(0, random.below(bytes.length))
        break
      case 3:
        bytes.fill(random.below(2) * 255, at, Math.min(bytes.length, at + length))
        break
      case 4: {
        const number = numbers[random.below(numbers.length)]
        const size = Math.min([1, 2, 4][random.below(3)], bytes.length - at)
        const value = number % 256 ** size
        if (random.below(2)) bytes.writeUIntLE(value, at, size)
        else bytes.writeUIntBE(value, at, size)
        break
      }
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(place(), place() + length), bytes.subarray(at)])
        break
      case 6:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
        break
    }
  }
  return bytes
}

const values = [
  ...[null, true, false, '', 'x', '0', '../../x', 'é\u0000', [], [[]], {}, { type: 'x' }],
  ...[0, 1, 2, 3, 7, -1, 0.5, 1e-9, 255, 65536, 1e6, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, 1e308, -1e308],
]

/** @returns a copy of a JSON value with one to two of its values replaced, taken away or doubled */
export function mutateJson(random, whole) {
  const json = structuredClone(whole)
  for (let left = 1 + random.below(2); left > 0; left--) {
    const places = []
    const walk = (value) => {
      if (typeof value !== 'object' || value === null) return
      for (const key of Object.keys(value)) {
        places.push([value, key])
        walk(value[key])
      }
    }
    walk(json)
    if (places.length === 0) break
    const [owner, key] = places[random.below(places.length)]
    const kind = random.below(6)
    if (kind === 0) delete owner[key]
    else if (kind === 1 && Array.isArray(owner)) owner.push(structuredClone(owner[key]))
    else if (kind === 2 && typeof owner[key] === 'number') owner[key] += random.below(2) * 2 - 1
    else owner[key] = values[random.below(values.length)]
  }
  return json
}

const floats = [Number.NaN, Number.POSITIVE_INFINITY, -1e38, 1e-42, 0, -1]

/**
 * Another header of a safetensors file, with the right length before it. Half of the time the file stays whole, and says something
 * else: other names, shapes or types over the same bytes, or another number.
 */
export function mutateTensors(random, whole) {
  const length = Number(whole.readBigUInt64LE(0))
  const [header, data] = [whole.subarray(8, 8 + length).toString(), Buffer.from(whole.subarray(8 + length))]
  const json = JSON.parse(header)
  const file = (json) => {
    const text = Buffer.from(JSON.stringify(json))
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(BigInt(text.length))
    return Buffer.concat([prefix, text, data])
  }
  if (random.below(2)) return file(mutateJson(random, json))
  const names = Object.keys(json).filter((name) => name !== '__metadata__')
  const [one, other] = [0, 1].map(() => names[random.below(names.length)])
  const tensor = json[one]
  switch (random.below(4)) {
    case 0:
      delete json[one]
      if (one !== other) json[one] = json[other]
      json[one === other ? `${one}.x` : other] = tensor
      break
    case 1: {
      const count = tensor.shape.reduce((product, n) => product * n, 1)
      tensor.shape = [[...tensor.shape].reverse(), [count], [1, ...tensor.shape], []][random.below(count === 1 ? 4 : 3)]
      break
    }
    case 2:
      if (random.below(2)) tensor.dtype = ['I32', 'U32'][random.below(2)]
      else Object.assign(tensor, { dtype: ['F16', 'BF16'][random.below(2)], shape: [...tensor.shape, 2] })
      break
    case 3: {
      const [from, to] = tensor.data_offsets
      data.writeFloatLE(floats[random.below(floats.length)], from + 4 * random.below((to - from) / 4))
    }
  }
  return file(json)
}
