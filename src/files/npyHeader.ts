/** What the header of a NumPy file says of the array behind it. */
export interface NpyHeader {
  /** Type of the numbers as NumPy writes it, for example `<f4`. */
  readonly descr: string
  /** Column after column instead of row after row. */
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** Magic (6 bytes) and version (2); the length of the header follows, 2 bytes of it in version 1, else 4. */
export const npyPrefixBytes = 8

/** NumPy's own bound on what it parses, too: an honest header of an array has 128 bytes. */
export const longestNpyHeader = 10_000

/**
 * The version of a NumPy file by its first eight bytes.
 *
 * @throws Error with the reason
 */
export function npyVersion(prefix: Uint8Array): 1 | 2 | 3 {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (prefix.length < npyPrefixBytes || !magic.every((byte, i) => prefix[i] === byte))
    throw new Error('this is no NumPy file (.npy)')
  const [major, minor] = [prefix[6], prefix[7]]
  if ((major === 1 || major === 2 || major === 3) && minor === 0) return major
  throw new Error(`it has version ${major}.${minor}, and this npair reads 1.0, 2.0 and 3.0`)
}

/**
 * Parses a header: a Python dictionary of exactly `descr`, `fortran_order` and `shape`, in any order, and nothing of Python
 * besides.
 *
 * @throws Error with the reason
 */
export function parseNpyHeader(text: string): NpyHeader {
  const found = new Map<string, string>()
  const field = /\s*'(\w+)'\s*:\s*('[^'\\]*'|True|False|\((?:\s*\d+\s*,)*(?:\s*\d+)?\s*\))\s*(,|(?=\}))/y
  const open = /^\s*\{/.exec(text)
  if (!open) throw new Error('its header is no dictionary')
  field.lastIndex = open[0].length
  let end = field.lastIndex
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [, key = '', value = ''] = match
    if (found.has(key)) throw new Error(`its header says ${key} twice`)
    found.set(key, value)
    end = field.lastIndex
  }
  if (!/^\s*\}\s*$/.test(text.slice(end))) throw new Error(`its header cannot be read at character ${end}`)
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key))
  if (found.size !== 3 || !descr?.startsWith("'") || !/^(?:True|False)$/.test(order ?? '') || !shape?.startsWith('('))
    throw new Error('its header is not of descr, fortran_order and shape alone')
  return {
    descr: descr.slice(1, -1),
    fortranOrder: order === 'True',
    shape: (shape.match(/\d+/g) ?? []).map(Number),
  }
}
