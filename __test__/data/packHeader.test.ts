import test from 'ava'
import { type PackHeader, whatIsWrong } from '../../src/data/packHeader.js'

const header: PackHeader = {
  ...{ count: 4, height: 2, width: 3, channels: 1, classes: ['a', 'b'], superClasses: ['s'], superClassOf: [0, 0] },
  ingest: { size: [2, 3], channels: 1, interpolation: 'lanczos3', fit: 'fill', background: 255, broken: 'error' },
  images: { offset: 4096, bytes: 24 },
  labels: { offset: 4120, bytes: 16, sha256: '' },
  ...{ names: { offset: 4136, bytes: 7, sha256: '' }, skipped: { offset: 4143, bytes: 2, sha256: '' } },
  ...{ blockBytes: 20, blocks: ['0', '1'] },
}

test('a whole header has nothing wrong, with super-classes and without', (t) => {
  t.is(whatIsWrong(header), undefined)
  t.is(whatIsWrong({ ...header, superClasses: [], superClassOf: [] }), undefined)
})

test('rows of features are images of one pixel with four bytes a channel', (t) => {
  const features = {
    ...{ ...header, height: 1, width: 1, channels: 2, numbers: 'float32', ingest: { features: 2, normalize: false } },
    ...{ images: { offset: 4096, bytes: 32 } },
  }
  t.is(whatIsWrong(features), undefined)
  for (const [name, change] of Object.entries({
    numbers: { numbers: 'float64' },
    images: { images: { offset: 4096, bytes: 8 } },
    channels: { channels: 0 },
    ingest: { ingest: { features: 3, normalize: false } },
  }))
    t.is(whatIsWrong({ ...features, ...change }), name)
  t.is(whatIsWrong({ ...features, ingest: header.ingest }), 'ingest')
  t.is(whatIsWrong({ ...header, ingest: features.ingest }), 'ingest')
})

for (const [name, change] of Object.entries({
  count: { count: 0 },
  'height and width': { height: 2.5 },
  channels: { channels: 2 },
  blockBytes: { blockBytes: 0 },
  images: { images: { offset: 4096, bytes: 25 } },
  blocks: { blocks: ['0'] },
  labels: { labels: { offset: 4120, bytes: 12, sha256: '' } },
  names: { names: { offset: -1, bytes: 7, sha256: '' } },
  skipped: { skipped: null },
  classes: { classes: [] },
  superClasses: { superClasses: [1] },
  superClassOf: { superClassOf: [0, 1] },
  ingest: { ingest: { ...header.ingest, size: [3, 2] } },
}))
  test(`what is wrong is named: ${name}`, (t) => {
    t.is(whatIsWrong({ ...header, ...change }), name)
    t.is(whatIsWrong(null), 'it is no object')
  })
