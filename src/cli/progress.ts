import type { Progress } from '../train/loop.js'
import type { Notice } from '../train/notice.js'

/** Seconds between two lines where there is no terminal. */
const plainEvery = 10

/** Shows training on stderr: one line that is rewritten on a terminal, a line now and then elsewhere. */
export function trainProgress(): (progress: Progress) => void {
  const live = process.stderr.isTTY
  let written = Number.NEGATIVE_INFINITY
  return (progress) => {
    const { step, steps, loss, imagesPerSecond, remaining, skipped = 0, miningShare, rollback, validation } = progress
    const last = step === steps
    const left = last ? 'done' : `${duration(remaining)} left`
    const mined = miningShare === undefined ? '' : `${Math.round(100 * miningShare)} % mining  `
    const line = `step ${step}/${steps}  loss ${loss.toFixed(4)}  ${imagesPerSecond} images/s  ${mined}${skipped > 0 ? `${skipped} skipped  ` : ''}${left}`
    if (rollback) {
      const text = `step ${rollback.from} diverged (${rollback.reason}): gone back, learning rate now times ${rollback.rateFactor}\n`
      process.stderr.write(live ? `\r\x1b[2K${text}` : text)
    }
    if (live) process.stderr.write(`\r\x1b[2K${line}${last ? '\n' : ''}`)
    else if (last || performance.now() - written > plainEvery * 1000) {
      process.stderr.write(`${line}\n`)
      written = performance.now()
    }
    if (!validation) return
    const figure = validation.figures[validation.headline]
    const text = `step ${step}: ${figure?.label ?? validation.headline} ${figure ? (100 * figure.value).toFixed(2) : '?'} %\n`
    process.stderr.write(live && !last ? `\r\x1b[2K${text}` : text)
  }
}

/** Says on stderr which run of a comparison begins, or goes on. */
export function compareProgress({ folder }: { readonly folder: string }, done: number, total: number): void {
  process.stderr.write(`${folder}: run ${done + 1} of ${total}\n`)
}

/** Says on stderr what a run goes on in spite of. */
export function tellNotice({ code, message }: Notice): void {
  process.stderr.write(`npair: ${message} [${code}]\n`)
}

/** Shows how many of so many are done, under a name. */
export function countProgress(what: string): (done: number, total: number) => void {
  const live = process.stderr.isTTY
  let written = performance.now()
  return (done, total) => {
    const last = done === total
    if (live) process.stderr.write(`\r\x1b[2K${what}: ${done}/${total}${last ? '\n' : ''}`)
    else if (last || performance.now() - written > plainEvery * 1000) {
      process.stderr.write(`${what}: ${done}/${total}\n`)
      written = performance.now()
    }
  }
}

/** `1:05:09` or `5:09` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
