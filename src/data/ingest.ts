import { availableParallelism } from 'node:os'
import { NPairError } from '../errors.js'
import { byCodePoint } from './byCodePoint.js'
import { reason, unreadable } from './decode.js'
import type { IngestInput, IngestOptions } from './ingestOptions.js'
import { inOrder } from './inOrder.js'
import type { SkippedImage } from './pack.js'
import { type PackContent, writePack } from './writePack.js'

/** One image of a source. */
export interface SourceImage {
  /** Path within the source, with slashes. */
  readonly name: string
  /** Where it is, for messages. */
  readonly where: string
  readonly class: string
  readonly superClass?: string
  /** Its pixels, `[height, width, channels]` uint8; a broken image throws the reason. */
  pixels(): Promise<Uint8Array>
}

/**
 * Decodes the images of a source in parallel and writes their pack, in order, as they come.
 *
 * @param images - sorted as they shall stand in the pack
 * @throws NPairError `DATA_EMPTY`; `IMAGE_UNREADABLE` for the first broken image, unless they are skipped; `ABORTED`;
 *   `NOT_WRITABLE`; nothing is left behind
 */
export async function ingest(
  path: string,
  images: readonly SourceImage[],
  options: IngestOptions,
  { onProgress, signal }: Pick<IngestInput, 'onProgress' | 'signal'>,
): Promise<void> {
  const kept: SourceImage[] = []
  const broken: Broken[] = []
  const skipped: SkippedImage[] = []
  async function* decoded(): AsyncGenerator<Uint8Array, void, undefined> {
    let done = 0
    for await (const { image, pixels, error } of inOrder(images, 4 * availableParallelism(), attempt)) {
      if (signal?.aborted)
        throw new NPairError('ABORTED', `Stopped after ${done} of ${images.length} images; nothing was written`)
      if (pixels) {
        kept.push(image)
        yield pixels
      } else {
        broken.push({ image, error })
        if (options.broken === 'error') break
      }
      onProgress?.(++done, images.length)
    }
    // All is quiet now, and the reasons can be told apart.
    for (const one of broken) {
      const cause = await whyBroken(one)
      if (options.broken === 'error') throw unreadable(one.image.where, cause)
      skipped.push({ path: one.image.name, reason: reason(cause) })
    }
    if (kept.length === 0)
      throw new NPairError(
        'DATA_EMPTY',
        `None of ${images.length} images could be read${skipped[0] ? `; the first: ${skipped[0].path}: ${skipped[0].reason}` : ''}`,
      )
  }
  const whole = { ...index(images), skipped }
  await writePack(path, options, whole, decoded(), () => ({ ...index(kept), skipped }))
}

interface Broken {
  readonly image: SourceImage
  readonly error: unknown
}

async function attempt(image: SourceImage): Promise<Broken & { readonly pixels?: Uint8Array }> {
  try {
    return { image, pixels: await image.pixels(), error: undefined }
  } catch (error) {
    return { image, error }
  }
}

/** libvips keeps one text for the errors of all threads, so that a reason may be another image's: it is asked again, alone. */
async function whyBroken({ image, error }: Broken): Promise<unknown> {
  return (await attempt(image)).error ?? error
}

/** Class names in code point order, so that labels do not depend on the machine's locale. */
function index(images: readonly SourceImage[]): Omit<PackContent, 'skipped'> {
  const classes = [...new Set(images.map((image) => image.class))].sort(byCodePoint)
  const superClasses = [...new Set(images.flatMap((image) => image.superClass ?? []))].sort(byCodePoint)
  const labelOf = new Map(classes.map((name, label) => [name, label]))
  const superOf = new Map(superClasses.map((name, i) => [name, i]))
  const superClassOf: number[] = []
  for (const image of images)
    if (image.superClass !== undefined)
      superClassOf[labelOf.get(image.class) as number] = superOf.get(image.superClass) as number
  return {
    ...{ classes, superClasses, superClassOf },
    labels: Int32Array.from(images, (image) => labelOf.get(image.class) as number),
    names: images.map((image) => image.name),
  }
}
