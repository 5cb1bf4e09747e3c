import { requireInteger } from '../../config/require.js'
import { Random } from '../../random.js'
import { type Point, rasterise, type Stroke } from './strokes.js'

/** What is generated; the defaults give 240 classes of 20 drawings. */
export interface CharactersOptions {
  /** Super-classes, >= 2. Default 10. */
  readonly alphabets?: number
  /** Classes in each, >= 2. Default 24. */
  readonly characters?: number
  /** Drawings of each class, >= 2. Default 20. */
  readonly drawings?: number
  /** Of everything. Default 0. */
  readonly seed?: number
}

/** The options with nothing left to defaults. */
export type Characters = Required<CharactersOptions>

export const characterNames = ['alphabets', 'characters', 'drawings', 'seed'] as const

/** Checks the options and fills in the defaults. */
export function resolveCharacters(options: CharactersOptions): Characters {
  const { alphabets = 10, characters = 24, drawings = 20, seed = 0 } = options
  requireInteger('alphabets', alphabets, 2)
  requireInteger('characters', characters, 2)
  requireInteger('drawings', drawings, 2)
  requireInteger('seed', seed, 0)
  return { alphabets, characters, drawings, seed }
}

/** One stroke of a character before anybody draws it: control points in the unit square, y down. */
type Shape = readonly Point[]

/** How an alphabet writes: its characters share strokes, places and habits, so that they resemble each other. */
interface Alphabet {
  readonly vocabulary: readonly Shape[]
  readonly anchors: readonly Point[]
  readonly strokes: readonly [least: number, most: number]
}

/** Two characters whose drawings differ by less than this (mean absolute difference of ink) count as one. */
const leastDifference = 0.045
/** Side at which characters are compared. */
const compareSide = 20

/**
 * The characters of an alphabet: 2 to 4 strokes each, out of the alphabet's own vocabulary at its own places.
 * A function of (seed, alphabet) alone.
 */
export function alphabetShapes({ seed, characters }: Characters, alphabet: number): Shape[][] {
  const style = drawAlphabet(new Random(seed, 'glyphs', alphabet, 0xffff0000))
  const accepted: { shapes: Shape[]; ink: Float32Array }[] = []
  for (let attempt = 0; accepted.length < characters; attempt++) {
    const shapes = compose(style, new Random(seed, 'glyphs', alphabet, 0xfffe0000 + attempt))
    const ink = rasterise(
      shapes.map((shape) => ({ points: curve(shape), width: 0.09 })),
      compareSide,
      compareSide,
    )
    // What resembles an earlier one too much is drawn anew; after many attempts
    // the vocabulary is exhausted, and whatever comes is taken.
    if (attempt > 400 * characters || accepted.every((other) => distance(other.ink, ink) > leastDifference))
      accepted.push({ shapes, ink })
  }
  return accepted.map(({ shapes }) => shapes)
}

/** One person's drawing of a character, `[height, width]` uint8, dark ink on white; a function of (seed, alphabet, character, drawing). */
export function drawCharacter(
  options: Characters,
  alphabet: number,
  character: number,
  drawing: number,
  shapes: readonly Shape[],
  size: readonly [number, number],
): Uint8Array {
  const person = new Random(options.seed, 'glyphs', 0xffff, drawing)
  const hand = {
    slant: 0.12 * person.normal(),
    wide: 1 + 0.08 * person.normal(),
    width: 0.055 + 0.02 * person.uniform(),
    wobble: 0.018 + 0.012 * person.uniform(),
  }
  const random = new Random(options.seed, 'glyphs', alphabet, character * options.drawings + drawing)
  const place = affine(random, hand)
  const warp = smoothWarp(random)
  const strokes: Stroke[] = shapes.map((shape) => {
    const shaken = shape.map(([x, y]): Point => [x + hand.wobble * random.normal(), y + hand.wobble * random.normal()])
    return { points: curve(shaken).map((p) => place(warp(p))), width: hand.width * (1 + 0.1 * random.normal()) }
  })
  const [height, width] = size
  return Uint8Array.from(rasterise(strokes, height, width), (ink) => Math.round(255 * (1 - ink)))
}

function drawAlphabet(random: Random): Alphabet {
  const vocabulary = Array.from({ length: 5 + random.below(3) }, () => drawShape(random))
  const columns = 2 + random.below(2)
  const rows = 2 + random.below(2)
  const anchors: Point[] = []
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      anchors.push([
        0.28 + (0.44 * c) / (columns - 1) + 0.04 * random.normal(),
        0.28 + (0.44 * r) / (rows - 1) + 0.04 * random.normal(),
      ])
  return { vocabulary, anchors, strokes: [2, 3 + random.below(2)] }
}

/** A line, arc, hook, wave, loop or dot about the origin. */
function drawShape(random: Random): Shape {
  const angle = 2 * Math.PI * random.uniform()
  const long = 0.2 + 0.25 * random.uniform()
  const turned = (points: Point[]): Shape =>
    points.map(([x, y]) => [
      long * (Math.cos(angle) * x - Math.sin(angle) * y),
      long * (Math.sin(angle) * x + Math.cos(angle) * y),
    ])
  const bend = 0.5 + random.uniform()
  switch (random.below(6)) {
    case 0:
      return turned([
        [-1, 0],
        [0, 0.1 * random.normal()],
        [1, 0],
      ])
    case 1:
      return turned([
        [-1, 0],
        [-0.5, bend],
        [0.5, bend],
        [1, 0],
      ])
    case 2:
      return turned([
        [-1, 0],
        [0.4, 0],
        [1, 0.2],
        [0.9, bend],
        [0.4, bend],
      ])
    case 3:
      return turned([
        [-1, 0],
        [-0.5, 0.7 * bend],
        [0, 0],
        [0.5, -0.7 * bend],
        [1, 0],
      ])
    case 4:
      return turned([
        [-0.7, -0.4],
        [0.3, -0.8],
        [0.8, 0],
        [0.2, 0.7],
        [-0.6, 0.4],
        [-0.6, -0.3],
      ])
    default:
      return turned([
        [-1, -0.5],
        [0, 0.1],
        [0.2, 0.1],
        [1, -0.6],
      ])
  }
}

function compose({ vocabulary, anchors, strokes: [least, most] }: Alphabet, random: Random): Shape[] {
  const count = least + random.below(most - least + 1)
  const places = random.shuffle([...anchors])
  return Array.from({ length: count }, (_, k) => {
    const shape = vocabulary[random.below(vocabulary.length)] as Shape
    const [ax, ay] = places[k % places.length] as Point
    const mirrored = random.below(4) === 0 ? -1 : 1
    const scale = 0.75 + 0.4 * random.uniform()
    return shape.map(([x, y]): Point => [clamp(ax + mirrored * scale * x), clamp(ay + scale * y)])
  })
}

function clamp(x: number): number {
  return Math.min(0.92, Math.max(0.08, x))
}

/** A smooth curve through the control points (Catmull-Rom), as a polyline. */
function curve(points: Shape): Point[] {
  const at = (i: number): Point => points[Math.min(points.length - 1, Math.max(0, i))] as Point
  const fine: Point[] = []
  const parts = 6
  for (let i = 0; i + 1 < points.length; i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    for (let k = 0; k < parts; k++) {
      const t = k / parts
      const mix = (axis: 0 | 1) =>
        0.5 *
        (2 * p1[axis] +
          (p2[axis] - p0[axis]) * t +
          (2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis]) * t * t +
          (3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis]) * t * t * t)
      fine.push([mix(0), mix(1)])
    }
  }
  fine.push(at(points.length - 1))
  return fine
}

/** Slant, size, rotation and place of one drawing, about the centre. */
function affine(random: Random, hand: { slant: number; wide: number }): (p: Point) => Point {
  const angle = 0.09 * random.normal()
  const scale = 1 + 0.07 * random.normal()
  const dx = 0.03 * random.normal()
  const dy = 0.03 * random.normal()
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  return ([x, y]) => {
    const v = y - 0.5
    const u = hand.wide * (x - 0.5) - hand.slant * v
    return [0.5 + dx + scale * (cos * u - sin * v), 0.5 + dy + scale * (sin * u + cos * v)]
  }
}

/** A gentle displacement that varies over the character. */
function smoothWarp(random: Random): (p: Point) => Point {
  const wave = () => ({ a: 0.025 * random.normal(), f: 1 + 2 * random.uniform(), p: 2 * Math.PI * random.uniform() })
  const [wx, wy] = [wave(), wave()]
  return ([x, y]) => [x + wx.a * Math.sin(Math.PI * wx.f * y + wx.p), y + wy.a * Math.sin(Math.PI * wy.f * x + wy.p)]
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number))
  return sum / a.length
}
