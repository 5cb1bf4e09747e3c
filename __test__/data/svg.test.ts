import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import sharp from 'sharp'
import { decodeBytes, decodeImage } from '../../src/data/decode.js'
import { decodeSvg, mayBeSvg } from '../../src/data/svg.js'

const decoding = { size: [8, 8], channels: 3, interpolation: 'nearest', fit: 'fill', background: 255 } as const
const svgOf = (content: string) => `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">${content}</svg>`
const square = Buffer.from(svgOf('<rect width="8" height="8" fill="#c86432"/>'))
const pixels = Array.from({ length: 64 }, () => [200, 100, 50]).flat()
/** Less than a kilobyte, and 10⁵ letters, which an XML reader lets pass: Pango sets them in a time that grows with their square. */
const endless = Buffer.from(
  `<!DOCTYPE svg [<!ENTITY a "lollollol ">${['b', 'c', 'd', 'e']
    .map((name, i) => `<!ENTITY ${name} "${`&${'abcd'[i]};`.repeat(10)}">`)
    .join('')}]>${svgOf('<text y="8">&e;</text>')}`,
)

test('an SVG that takes too long is stopped, by name, and neither its neighbours nor the next have anything of it', async (t) => {
  t.true(endless.length < 1024)
  const [stopped, beside] = await Promise.allSettled([decodeSvg(endless, decoding, 1), decodeSvg(square, decoding, 60)])
  t.is(stopped.status === 'rejected' && stopped.reason.message, 'drawing it takes more than 1 s')
  t.deepEqual(beside.status === 'fulfilled' && [...beside.value], pixels)
  t.deepEqual([...(await decodeBytes(square, decoding))], pixels)
})

// Alone: a process that is only starting would be ended. Which ones there are, /proc says.
const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip
onLinux('a signal to all processes ends no drawing: it is for whoever asked to stop', async (t) => {
  await decodeSvg(square, decoding)
  const drawing = decodeSvg(endless, decoding, 1)
  const own = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number)
  const drawers = own.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('svgProcess'))
  t.is(drawers.length, 1)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(drawers[0] as number, signal)
  t.is((await t.throwsAsync(drawing))?.message, 'drawing it takes more than 1 s')
})

test('more drawings than processes, good and broken, each get their own answer', async (t) => {
  const answers = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => decodeBytes(i % 3 ? square : Buffer.from(svgOf('<rect>')), decoding)),
  )
  for (const [i, answer] of answers.entries())
    if (i % 3) t.deepEqual(answer.status === 'fulfilled' && [...answer.value], pixels)
    else t.regex(answer.status === 'rejected' ? answer.reason.message : '', /XML|parse/i)
})

test('an error of the other process has the name and the reason that it would have here', async (t) => {
  const error = await t.throwsAsync(decodeImage(Buffer.from('neither pixels nor a drawing'), decoding))
  t.like(error, { code: 'IMAGE_UNREADABLE' })
  t.is(error?.message, 'Cannot read an image of 28 bytes: Input buffer contains unsupported image format')
})

test('what sharp takes for an SVG is drawn in another process, whatever it begins with', async (t) => {
  const utf16 = Buffer.from(`\ufeff${square}`, 'utf16le')
  for (const svg of [square, gzipSync(square), utf16, Buffer.from(`\n<!-- <?php ?> -->\n${square}`)])
    t.true(mayBeSvg(svg))
  const starts = [
    'GIF87a',
    'GIF89a',
    'GIF88a',
    'RIFFabcdWEBP',
    'RIFFabcdWEBX',
    'II*\0',
    'MM\0*',
    'II+\0',
    'MM\0+',
    '\xff\xd8\xff',
  ]
  const brands = [
    'avif',
    'avis',
    'avix',
    'mif1',
    'mif2',
    'miaf',
    'msf1',
    'mixx',
    'heic',
    'heix',
    'hevc',
    'jxl ',
    'qt  ',
  ]
  for (const start of [...starts, ...brands.flatMap((brand) => [`<!--ftyp${brand}`, `\0\0\0\x20ftyp${brand}`])]) {
    const disguised = Buffer.concat([Buffer.from(`${start} -->`.padEnd(40), 'latin1'), square])
    const { format } = await sharp(disguised)
      .metadata()
      .catch(() => ({ format: 'none' }))
    t.true((format as string) !== 'svg' || mayBeSvg(disguised), JSON.stringify(start))
  }
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: '#c86432' } })
  for (const format of ['png', 'jpeg', 'webp', 'tiff', 'gif', 'avif'] as const) {
    const bytes = await image.clone().toFormat(format).toBuffer()
    t.false(mayBeSvg(bytes), format)
    for (const length of [3, 4, 6, 8, 12, 16, 20, 24, 32]) {
      const disguised = Buffer.concat([bytes.subarray(0, length), square])
      const found = await sharp(disguised)
        .metadata()
        .then(({ format }) => format as string)
        .catch(() => 'none')
      t.true(found !== 'svg' || mayBeSvg(disguised), `${length} bytes of ${format}`)
    }
  }
})

test('a process that drew ends at once, though the one that draws for it is waiting', (t) => {
  const program = `
    import { decodeBytes } from ${JSON.stringify(new URL('../../dist/data/decode.js', import.meta.url))}
    await decodeBytes(Buffer.from(${JSON.stringify(`${square}`)}), ${JSON.stringify(decoding)})
    const since = Date.now()
    process.on('exit', () => console.log(Date.now() - since < 1000 ? 'at once' : 'late'))`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  t.deepEqual([status, stdout], [0, 'at once\n'])
})
