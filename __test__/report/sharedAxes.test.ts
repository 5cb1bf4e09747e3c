import * as plotLibrary from '@observablehq/plot'
import test from 'ava'
import type { Figure } from '../../src/report/draw.js'
import { sharedAxes } from '../../src/report/sharedAxes.js'

const figure = (options: ReturnType<Figure['plot']>): Figure => ({
  ...{ title: 'a', caption: 'b', alternative: 'c' },
  plot: () => options,
})
const shared = (...all: ReturnType<Figure['plot']>[]) =>
  sharedAxes(all.map(figure)).map(({ plot }) => plot(plotLibrary))

test('axes of numbers reach as far as any needs and have the ticks of all; all else stays as it was', (t) => {
  const [one, other] = shared(
    { x: { type: 'log', domain: [0.1, 100], ticks: [0.1, 1, 10, 100], label: 'x' }, y: { domain: [0, 4], ticks: 5 } },
    { x: { type: 'log', domain: [5, 100], ticks: [10, 100], label: 'x' }, y: { domain: [-1, 3], ticks: 5 } },
  )
  for (const options of [one, other])
    t.deepEqual(options, {
      x: { type: 'log', domain: [0.1, 100], ticks: [0.1, 1, 10, 100], label: 'x' },
      y: { domain: [-1, 4], ticks: 5 },
    })
})

test('a band, an axis without a domain and a plot alone are left alone', (t) => {
  const bands = [{ x: { domain: ['1', '2'] }, y: {} }, { x: { domain: ['4'] }, y: { domain: [0, 1] } }, { height: 3 }]
  t.deepEqual(shared(...bands), bands)
  t.deepEqual(shared({ x: { domain: [0, 7], ticks: [1, 2] } }), [{ x: { domain: [0, 7], ticks: [1, 2] } }])
})
