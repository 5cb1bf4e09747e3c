import type { ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { packageFolder } from '../files/packageFolder.js'
import type { Decoding } from './ingestOptions.js'

/** Longest that one drawing may take, in seconds; usual ones take milliseconds. */
const mostSeconds = 10
/** How long a process waits for a next drawing, in milliseconds. */
const patience = 5000

/** What {@link ./svgProcess.ts} is asked, and answers. */
export type DrawingQuestion = { bytes: Uint8Array; decoding: Decoding }
export type DrawingAnswer = { pixels: Uint8Array } | { reason: string }

/** How files of the formats begin that sharp reads and that are pixels, whatever text stands further on in them. */
const signatures: readonly (readonly [offset: number, bytes: string])[][] = [
  [[0, '\xff\xd8\xff']],
  [[0, '\x89PNG\r\n\x1a\n']],
  [[0, 'GIF87a']],
  [[0, 'GIF89a']],
  [
    [0, 'RIFF'],
    [8, 'WEBP'],
  ],
  [[0, 'II*\0']],
  [[0, 'MM\0*']],
  [
    [0, '\0\0\0'],
    [4, 'ftyp'],
  ],
]

/** Whether this could be an SVG: it is none of the formats that are pixels. */
export function mayBeSvg(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1')
  return !signatures.some((parts) => parts.every(([offset, text]) => start.startsWith(text, offset)))
}

const idle: ChildProcess[] = []
let busy = 0
const waiting: (() => void)[] = []

/**
 * Decodes an SVG in a process of its own. An SVG is a program: a kilobyte can keep librsvg busy for longer than anybody waits, and no call of it
 * can be stopped from outside but by ending its process.
 *
 * @returns `[height, width, channels]` uint8
 * @throws Error with the bare reason, also after `seconds`
 */
export async function decodeSvg(bytes: Uint8Array, decoding: Decoding, seconds = mostSeconds): Promise<Uint8Array> {
  if (busy < availableParallelism()) busy++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  const child = idle.pop() ?? (await start())
  const answer = await ask(child, { bytes, decoding }, seconds)
  if (child.connected && !child.killed) rest(child)
  const next = waiting.shift()
  if (next) next()
  else busy--
  if ('reason' in answer) throw new Error(answer.reason)
  return answer.pixels
}

async function start(): Promise<ChildProcess> {
  // Whoever reads no SVG is not to wait for it.
  const { fork } = await import('node:child_process')
  // What loads modules here loads them there; `--input-type` and `--inspect` are of this process alone.
  const execArgv = process.execArgv.filter((option) => /^--(import|require|loader)=/.test(option))
  const program = import.meta.url.endsWith('.ts') ? 'src/data/svgProcess.ts' : 'dist/data/svgProcess.js'
  const child = fork(join(packageFolder(), program), {
    ...{ execArgv, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  })
  // Neither is an error of whoever asks nothing at the moment.
  return child.on('error', () => forget(child)).on('exit', () => forget(child))
}

function forget(child: ChildProcess): void {
  const place = idle.indexOf(child)
  if (place >= 0) idle.splice(place, 1)
}

/** Keeps a process for the next drawing, but does not keep this one alive for it. */
function rest(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  idle.push(child)
  const end = setTimeout(() => {
    forget(child)
    child.disconnect()
  }, patience).unref()
  child.once('asked', () => clearTimeout(end))
}

function ask(child: ChildProcess, question: DrawingQuestion, seconds: number): Promise<DrawingAnswer> {
  child.emit('asked')
  child.ref()
  child.channel?.ref()
  return new Promise((resolve) => {
    const settle = (answer: DrawingAnswer) => {
      clearTimeout(limit)
      child.off('message', settle).off('exit', ended).off('error', failed)
      resolve(answer)
    }
    const ended = (code: number | null, signal: string | null) =>
      settle({ reason: `the process that drew it ended (${signal ?? `exit code ${code}`})` })
    const failed = (error: Error) => settle({ reason: `no process can be started to draw it: ${error.message}` })
    const limit = setTimeout(() => {
      settle({ reason: `drawing it takes more than ${seconds} s` })
      child.kill('SIGKILL')
    }, 1000 * seconds)
    child.on('message', settle).on('exit', ended).on('error', failed)
    child.send(question, (error) => error && failed(error))
  })
}
