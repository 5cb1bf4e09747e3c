import test from 'ava'
import { resolveIngest } from '../../src/data/ingestOptions.js'
import { NPairError } from '../../src/errors.js'

test('defaults', (t) => {
  const rest = { interpolation: 'lanczos3', fit: 'fill', background: 255, broken: 'error' }
  t.deepEqual(resolveIngest({ size: 28 }), { size: [28, 28], channels: 1, ...rest } as never)
  t.deepEqual(resolveIngest({ size: [56, 46], channels: 3 }), { size: [56, 46], channels: 3, ...rest } as never)
  t.true(Object.isFrozen(resolveIngest({ size: 28 })) && Object.isFrozen(resolveIngest({ size: 28 }).size))
})

test('what is given stays, and what is undefined is the default', (t) => {
  const all = {
    size: [1, 4096],
    channels: 3,
    interpolation: 'cubic',
    fit: 'cover',
    background: 0,
    centre: true,
    broken: 'skip',
  } as const
  t.deepEqual(resolveIngest(all), all)
  const hooks = { cache: '/tmp', onProgress: () => {}, signal: new AbortController().signal }
  t.deepEqual(resolveIngest({ ...all, ...hooks }), all)
  t.is(resolveIngest({ size: 8, background: undefined, cache: undefined } as never).background, 255)
})

const bad: [options: unknown, message: string][] = [
  [undefined, 'Expected an object for options but received undefined of type undefined'],
  [28, 'Expected an object for options but received 28 of type number'],
  [{}, 'Expected an integer in [1, 4096] or [height, width] for size but received undefined of type undefined'],
  [{ size: '28' }, "Expected an integer in [1, 4096] or [height, width] for size but received '28' of type string"],
  [{ size: 0 }, 'Expected an integer in [1, 4096] or [height, width] for size but received 0 of type number'],
  [{ size: 27.5 }, 'Expected an integer in [1, 4096] or [height, width] for size but received 27.5 of type number'],
  [{ size: 4097 }, 'Expected an integer in [1, 4096] or [height, width] for size but received 4097 of type number'],
  [{ size: [] }, 'Expected an integer in [1, 4096] or [height, width] for size but received [] of type array'],
  [
    { size: [1, 2, 3] },
    'Expected an integer in [1, 4096] or [height, width] for size but received [1,2,3] of type array',
  ],
  [{ size: [28, -1] }, 'Expected an integer in [1, 4096] for size[1] but received -1 of type number'],
  [{ size: ['28', 28] }, "Expected an integer in [1, 4096] for size[0] but received '28' of type string"],
  [{ size: 28, channels: 2 }, 'Expected 1 or 3 for channels but received 2 of type number'],
  [{ size: 28, channels: '3' }, "Expected 1 or 3 for channels but received '3' of type string"],
  [
    { size: 28, interpolation: 'bicubic' },
    "Expected 'nearest' or 'linear' or 'cubic' or 'mitchell' or 'lanczos2' or 'lanczos3' for interpolation but received 'bicubic' of type string",
  ],
  [{ size: 28, fit: true }, "Expected 'fill' or 'cover' or 'contain' for fit but received true of type boolean"],
  [{ size: 28, background: 256 }, 'Expected an integer in [0, 255] for background but received 256 of type number'],
  [{ size: 28, background: -1 }, 'Expected an integer >= 0 for background but received -1 of type number'],
  [{ size: 28, background: '#fff' }, "Expected an integer >= 0 for background but received '#fff' of type string"],
  [{ size: 28, centre: 'mass' }, "Expected true or false for centre but received 'mass' of type string"],
  [{ size: 28, broken: false }, "Expected 'error' or 'skip' for broken but received false of type boolean"],
  [{ size: 28, cache: 5 }, 'Expected the path of a folder for cache but received 5 of type number'],
  [{ size: 28, cache: '' }, "Expected the path of a folder for cache but received '' of type string"],
  [{ size: 28, onProgress: true }, 'Expected a function for onProgress but received true of type boolean'],
  [{ size: 28, signal: {} }, 'Expected an AbortSignal for signal but received {} of type object'],
  [{ size: 28, chanels: 3 }, 'Unknown option chanels: did you mean channels?'],
  [
    { size: 28, colour: 3 },
    'Unknown option colour: known here: size, channels, interpolation, fit, background, centre, broken, cache, onProgress, signal',
  ],
]
for (const [options, message] of bad)
  test(`refused: ${message}`, (t) => {
    const error = t.throws(() => resolveIngest(options as never), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
    t.true(message.includes(`for ${error?.option} but`) || message.startsWith(`Unknown option ${error?.option}:`))
  })
