import { requireWord } from '../config/require.js'
import { invalidOption } from '../errors.js'

const crops = ['centre', 'five'] as const
const fusions = ['embeddings', 'scores'] as const

/** The views of an image (test-time augmentation), and how they are put together. */
export interface Views {
  /** The mirror image of every view, too. */
  readonly mirror: boolean
  /** Pixels that the image is moved by, up, down, left and right, the edge repeated. */
  readonly shifts: readonly number[]
  /**
   * `centre`: the middle of the image, as large as the network's input; `five`: beside it the four corners, and with `mirror` those
   * are the ten crops of Krizhevsky et al. 2012. Default `centre`.
   */
  readonly crops?: (typeof crops)[number]
  /**
   * `embeddings`: those of the views are added, and images compared by cosine (insightface's flip fusion). `scores`: the score of two
   * images is the mean of the cosines of all combinations of their views (Sohn 2016, section 4.3). Default `embeddings`.
   */
  readonly fusion?: (typeof fusions)[number]
}

/** Whether a value is a list of numbers of pixels. */
export function isShifts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((shift) => Number.isSafeInteger(shift) && shift >= 1)
}

/** Whether a value is views, those of before there were crops and fusions included. */
export function isViews({ mirror, shifts, crops: crop, fusion }: { [K in keyof Views]?: unknown }): boolean {
  const known = (words: readonly string[], word: unknown) => word === undefined || words.includes(word as string)
  return typeof mirror === 'boolean' && isShifts(shifts) && known(crops, crop) && known(fusions, fusion)
}

/**
 * Refuses shifts that leave nothing of an image.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireShifts(shifts: unknown, { height, width }: { height: number; width: number }): void {
  const most = Math.min(height, width) - 1
  if (!isShifts(shifts) || shifts.some((shift) => shift > most))
    throw invalidOption('shifts', `an array of integers in 1 to ${most} for images of ${height}x${width}`, shifts)
}

/**
 * Refuses crops and fusions that are unknown, and five crops of images that have no corners beside the middle.
 *
 * @param size - of the images, before they are cropped to the network's `input`
 * @throws NPairError `INVALID_OPTION`
 */
export function requireFusedCrops(
  views: Pick<Views, 'crops' | 'fusion'>,
  size: readonly [height: number, width: number],
  input: { height: number; width: number },
): void {
  const { crops: asked = 'centre', fusion = 'embeddings' } = views
  requireWord('crops', asked, crops)
  requireWord('fusion', fusion, fusions)
  if (asked === 'five' && size[0] <= input.height && size[1] <= input.width)
    throw invalidOption('crops', `'centre' for images of ${size.join('x')}, which the network sees whole`, asked)
}

/** As the engine takes them. */
export function bindingViews({ mirror, shifts, crops, fusion }: Views): BindingViews {
  return { mirror, shifts: [...shifts], corners: crops === 'five', units: fusion === 'scores' }
}

interface BindingViews {
  mirror: boolean
  shifts: number[]
  corners: boolean
  units: boolean
}

/** How the embeddings of an image in these views are compared: see `Embeddings.metric`. */
export function viewMetric({ fusion }: Views): 'cosine' | 'dot' {
  return fusion === 'scores' ? 'dot' : 'cosine'
}

/** What a result says of the views; begins with a space, empty for the image alone. */
export function viewSentence({ mirror, shifts, crops, fusion = 'embeddings' }: Views): string {
  const count = (crops === 'five' ? 5 : 1) * (1 + 4 * shifts.length) * (mirror ? 2 : 1)
  if (count === 1) return ''
  const seen = [
    crops === 'five' ? 'the crops at its centre and at its four corners' : 'its centre crop',
    ...(shifts.length > 0 ? [`each also moved by ${shifts.join(', ')} pixels up, down, left and right`] : []),
    ...(mirror ? ['each also mirrored'] : []),
  ]
  const fused =
    fusion === 'scores'
      ? 'the score of two images is the mean of the cosines of all combinations of their views (Sohn 2016)'
      : 'the embeddings of the views are added, as they are'
  return ` An image is seen in ${count} views: ${seen.join(', ')}; ${fused}.`
}

/** Views in words; the order of shifts does not matter, their number does: each is a term of a sum. */
export function sight({ mirror, shifts, crops = 'centre', fusion = 'embeddings' }: Views): string {
  const more = [
    ...(crops === 'centre' ? [] : [`crops ${crops}`]),
    ...(fusion === 'embeddings' ? [] : [`fusion ${fusion}`]),
  ]
  return [`mirror ${mirror}`, `shifts [${[...shifts].sort((a, b) => a - b).join(', ')}]`, ...more].join(', ')
}
