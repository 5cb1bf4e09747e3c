import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { NPairError } from '../errors.js'

/** What the system's loader reads of a shared library before it loads it. */
export interface SharedLibrary {
  /** Names of the libraries that it cannot be loaded without. */
  readonly needed: readonly string[]
  /** Folders to look in, as written: `$ORIGIN` is not replaced. */
  readonly rpath: readonly string[]
  /** As `rpath`, but not handed on to the libraries that it needs itself. */
  readonly runpath: readonly string[]
}

// Field numbers of the ELF specification (System V ABI, chapter 4 and 5), 64 bit.
const segment = { load: 1, dynamic: 2 } as const
const tag = { end: 0, needed: 1, strings: 5, rpath: 15, runpath: 29 } as const
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 }
const sharedObject = 3
const segmentHeaderBytes = 56

/**
 * Reads the head of a shared library, and checks that the file is as long as it says.
 *
 * A library that was cut short must never reach the system's loader: it maps the file as the head describes it, and
 * touching what is missing ends the process.
 *
 * @param path - of a 64-bit little-endian ELF library for this machine's processor
 * @throws NPairError `LIBTORCH_CORRUPT` if it is none, or is truncated
 */
export function readSharedLibrary(path: string): SharedLibrary {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is missing' : 'cannot be read'
    throw corrupt(path, reason, cause)
  }
  try {
    return parse(path, file, fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

function parse(path: string, file: number, size: number): SharedLibrary {
  const read = (offset: number, bytes: number): Buffer => {
    // Before anything is allocated: a damaged head may ask for any number of bytes.
    if (offset + bytes > size) throw truncated(path, size)
    const buffer = Buffer.alloc(bytes)
    if (readSync(file, buffer, 0, bytes, offset) !== bytes) throw truncated(path, size)
    return buffer
  }
  if (size < 64) throw size === 0 ? corrupt(path, 'is empty') : truncated(path, size)
  const head = read(0, 64)
  const isElf = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1
  if (!isElf || head.readUInt16LE(16) !== sharedObject) throw corrupt(path, 'is not a 64-bit shared library')
  if (head.readUInt16LE(18) !== machines[process.arch]) throw corrupt(path, `is not for ${process.arch} processors`)
  // The table of sections comes last in a file as linkers write it: where it ends the file must not have ended before.
  const sectionsEnd = number(head, 40) + head.readUInt16LE(58) * head.readUInt16LE(60)
  if (sectionsEnd > size) throw truncated(path, size, sectionsEnd)

  const stride = head.readUInt16LE(54)
  if (stride !== segmentHeaderBytes) throw corrupt(path, 'is damaged: its table of segments has another form')
  const headers = read(number(head, 32), stride * head.readUInt16LE(56))
  const segments = Array.from({ length: head.readUInt16LE(56) }, (_, i) => {
    const at = headers.subarray(i * stride)
    return { type: at.readUInt32LE(0), offset: number(at, 8), address: number(at, 16), bytes: number(at, 32) }
  })
  const end = Math.max(0, ...segments.map(({ offset, bytes }) => offset + bytes))
  if (end > size) throw truncated(path, size, end)

  const dynamic = segments.find(({ type }) => type === segment.dynamic)
  if (dynamic === undefined) return { needed: [], rpath: [], runpath: [] }
  const entries = dynamicEntries(read(dynamic.offset, dynamic.bytes))
  const stringsAddress = entries.find(([key]) => key === tag.strings)?.[1] ?? 0
  const holder = segments.find(
    ({ type, address, bytes }) =>
      type === segment.load && stringsAddress >= address && stringsAddress < address + bytes,
  )
  if (holder === undefined) throw corrupt(path, 'names no strings')
  const strings = stringsAddress - holder.address + holder.offset
  const text = (offset: number): string => {
    const longest = Math.min(4096, size - strings - offset)
    if (longest <= 0) throw truncated(path, size)
    const buffer = read(strings + offset, longest)
    const length = buffer.indexOf(0)
    if (length < 0) throw corrupt(path, 'holds a name without an end')
    return buffer.toString('utf8', 0, length)
  }
  const all = (key: number): string[] => entries.filter(([k]) => k === key).map(([, value]) => text(value))
  const folders = (key: number): string[] => all(key).flatMap((list) => list.split(':').filter(Boolean))
  return { needed: all(tag.needed), rpath: folders(tag.rpath), runpath: folders(tag.runpath) }
}

/** `[tag, value]` pairs up to the end mark. */
function dynamicEntries(section: Buffer): [number, number][] {
  const entries: [number, number][] = []
  for (let at = 0; at + 16 <= section.length; at += 16) {
    const key = Number(section.readBigInt64LE(at))
    if (key === tag.end) break
    entries.push([key, number(section, at + 8)])
  }
  return entries
}

/** A 64-bit field as a number: offsets and addresses of real libraries are far below 2^53. */
function number(buffer: Buffer, at: number): number {
  return Number(buffer.readBigUInt64LE(at))
}

function truncated(path: string, size: number, wanted?: number): NPairError {
  const missing = wanted === undefined ? '' : ` of at least ${wanted}`
  return corrupt(path, `is cut short: it holds ${size} bytes${missing}`)
}

function corrupt(path: string, reason: string, cause?: unknown): NPairError {
  return new NPairError('LIBTORCH_CORRUPT', `${path} ${reason}`, { cause })
}
