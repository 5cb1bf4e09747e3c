import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { checkSpace, fileError, makeStaging, megabytes, moveIntoPlace } from '../../src/native/staging.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

/** The number of a process that is over. */
const over = spawnSync('/bin/true').pid

test('sweeps what is left behind, and nothing that may be at work', async (t) => {
  const base = join(temporaryFolder(t), 'cache')
  const me = hostname()
  const yesterday = new Date(Date.now() - 25 * 3600_000)
  const make = (name: string, time?: Date) => {
    mkdirSync(join(base, name, 'libtorch'), { recursive: true })
    if (time) utimesSync(join(base, name), time, time)
  }
  const stays = [
    `.setup-${me}-${process.pid}-abcdef`,
    `.setup-stranger-${over}-abcdef`,
    // Machines of one cluster often have names that begin alike.
    `.setup-${me}-b-${over}-abcdef`,
    'libtorch-2.11.0-cpu',
  ]
  for (const name of stays) make(name)
  make('packs', yesterday)
  make(`.setup-${me}-${over}-abcdef`)
  make(`.setup-stranger-${process.pid}-abcdef`, yesterday)
  // The number went to another process.
  make(`.setup-${me}-${process.pid}-uvwxyz`, yesterday)
  const staging = await makeStaging(base)
  t.deepEqual(readdirSync(base).sort(), [...stays, 'packs', basename(staging)].sort())
  t.true(basename(staging).startsWith(`.setup-${me}-${process.pid}-`))
})

test('a place that cannot be written is named', async (t) => {
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')
  for (const base of [file, join(file, 'below'), join(file, 'far/below')]) {
    const { message } = await throwsError(t, 'SETUP_FAILED', () => makeStaging(base))
    t.true(message.startsWith(`Setup cannot write to ${base}: `), message)
    t.true(message.endsWith('Set NPAIR_CACHE to a folder that can be written.'), message)
  }
})

test('a finished folder takes the place of a bad one, and gives way to a good one', async (t) => {
  const folder = temporaryFolder(t)
  const aside = join(folder, 'aside')
  mkdirSync(aside)
  const [place, text] = [join(folder, 'place'), () => readFileSync(join(folder, 'place/text'), 'utf8')]
  const finish = (content: string) => {
    mkdirSync(join(folder, content))
    writeFileSync(join(folder, content, 'text'), content)
    return join(folder, content)
  }
  await moveIntoPlace(finish('first'), place, () => t.fail() as never, aside)
  t.is(text(), 'first')
  await moveIntoPlace(finish('second'), place, () => true, aside)
  t.is(text(), 'first')
  await moveIntoPlace(finish('third'), place, () => false, aside)
  t.is(text(), 'third')
  t.is(readFileSync(join(aside, 'replaced-0/text'), 'utf8'), 'first')
})

test('a bad folder that another setup moves away at the same moment is no obstacle', async (t) => {
  const folder = temporaryFolder(t)
  const [place, finished] = [join(folder, 'place'), join(folder, 'finished')]
  for (const path of [place, finished]) mkdirSync(path)
  writeFileSync(join(finished, 'text'), 'ours')
  const movedMeanwhile = () => {
    renameSync(place, join(folder, 'away'))
    return false
  }
  await moveIntoPlace(finished, place, movedMeanwhile, folder)
  t.is(readFileSync(join(place, 'text'), 'utf8'), 'ours')
})

test('too little space is told with both numbers before anything is fetched', async (t) => {
  const folder = temporaryFolder(t)
  await t.notThrowsAsync(checkSpace(folder, 1))
  const message =
    /^The disk of .* has \d+ MB free, and setup needs 1000000000000 MB there\. Free some space, or set NPAIR_CACHE/
  await throwsError(t, 'SETUP_FAILED', () => checkSpace(folder, 1e18), message)
})

test("the file system's refusals have names; what is none stays itself", (t) => {
  const refusal = (code: string, path?: string) =>
    Object.assign(new Error(`${code}: it says why`), { code, syscall: 'open', ...(path && { path }) })
  const message = (cause: unknown) => {
    const made = fileError('/cache/npair', cause)
    t.true(made instanceof NPairError)
    return made instanceof NPairError ? made.message : ''
  }
  for (const code of ['ENOSPC', 'EDQUOT']) t.regex(message(refusal(code)), /^The disk of \/cache\/npair is full\. /)
  t.regex(
    message(refusal('EACCES', '/cache/npair/x')),
    /^Setup cannot write to \/cache\/npair: EACCES: it says why\. Set/,
  )
  t.regex(message(refusal('EACCES', '/cache')), /^Setup cannot write to/)
  t.regex(message(refusal('EROFS')), /^Setup cannot write to/)
  t.is(message(refusal('EACCES', '/usb/torch.whl')), 'Setup cannot read /usb/torch.whl: EACCES: it says why.')
  const bug = new TypeError('of ours')
  t.is(fileError('/cache/npair', bug), bug)
})

test('sizes are said in megabytes', (t) => {
  t.deepEqual([0, 49_999, 999_999, 1e6, 530_712_279].map(megabytes), ['0.0 MB', '0.0 MB', '1.0 MB', '1 MB', '531 MB'])
})
