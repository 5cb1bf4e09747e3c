import test from 'ava'
import { checkTrainOptions } from '../../src/config/trainOptions.js'
import { NPairError } from '../../src/errors.js'

const least = { net: { type: 'conv4' }, batch: { pairs: 8 }, steps: 100, output: 'runs/x' }
const adam = (options: object) => ({ optimizer: { type: 'adam', ...options } })
const sgd = (options: object) => ({ optimizer: { type: 'sgd', ...options } })
const guard = (options: object) => ({ guard: { onDivergence: 'stop', ...options } })
const schedule = (options: object) => adam({ schedule: options })
const layer = (options: object) => ({ net: { type: 'layers', layers: [options] } })

/** Every option with a wrong type and with a wrong value: what is changed, and the message. */
const bad: [object, string][] = [
  [{ batch: { pairs: 1.5 } }, 'Expected an integer >= 2 for batch.pairs but received 1.5 of type number'],
  [{ batch: { pairs: 1 } }, 'Expected an integer >= 2 for batch.pairs but received 1 of type number'],
  [{ batch: { pairs: '8' } }, "Expected an integer >= 2 for batch.pairs but received '8' of type string"],
  [
    { batch: { pairs: 8, accumulate: 0 } },
    'Expected an integer >= 1 for batch.accumulate but received 0 of type number',
  ],
  [
    { batch: { pairs: 8, accumulate: 1.5 } },
    'Expected an integer >= 1 for batch.accumulate but received 1.5 of type number',
  ],
  [{ batch: { pairs: 8, chunk: 0 } }, 'Expected an integer >= 1 for batch.chunk but received 0 of type number'],
  [
    { batch: { pairs: 8, chunk: 4, normPerChunk: 'yes' } },
    "Expected true or false for batch.normPerChunk but received 'yes' of type string",
  ],
  [
    { net: { type: 'mlp', hidden: 8 } },
    'Expected an array of at least 1, each an integer >= 1, for net.hidden but received 8 of type number',
  ],
  [{ net: { type: 'linear', bias: 1 } }, 'Expected true or false for net.bias but received 1 of type number'],
  [{ batch: {} }, 'Expected an integer >= 2 for batch.pairs but received undefined of type undefined'],
  [{ batch: 8 }, 'Expected an object for batch but received 8 of type number'],
  [{ batch: { pair: 8 } }, 'Unknown option batch.pair: did you mean batch.pairs?'],
  [{ stpes: 100 }, 'Unknown option stpes: did you mean steps?'],
  [
    { somethingElse: 1 },
    'Unknown option somethingElse: known here: net, loss, batch, optimizer, preprocess, augment, ema, guard, steps, seed, device, precision, threads, checkpointEvery, keepCheckpoints, validation, mirror, shifts, whiten, output',
  ],
  [{ steps: 0 }, 'Expected an integer >= 1 for steps but received 0 of type number'],
  [{ steps: null }, 'Expected an integer >= 1 for steps but received null of type null'],
  [{ steps: Number.NaN }, 'Expected an integer >= 1 for steps but received NaN of type number'],
  [{ seed: -1 }, 'Expected an integer >= 0 for seed but received -1 of type number'],
  [{ seed: 2 ** 60 }, `Expected an integer >= 0 for seed but received ${2 ** 60} of type number`],
  [{ seed: 'one' }, "Expected an integer >= 0 for seed but received 'one' of type string"],
  [{ device: 'gpu' }, "Expected 'auto' or 'cpu' or 'cuda' for device but received 'gpu' of type string"],
  [{ device: 0 }, "Expected 'auto' or 'cpu' or 'cuda' for device but received 0 of type number"],
  [
    { precision: 'bf16' },
    "Expected 'auto' or 'float32' or 'bfloat16' or 'float64' for precision but received 'bf16' of type string",
  ],
  [
    { precision: 32 },
    "Expected 'auto' or 'float32' or 'bfloat16' or 'float64' for precision but received 32 of type number",
  ],
  [{ threads: 0 }, 'Expected an integer in [1, 1024] for threads but received 0 of type number'],
  [{ threads: 'all' }, "Expected an integer in [1, 1024] for threads but received 'all' of type string"],
  [{ checkpointEvery: -1 }, 'Expected an integer >= 0 for checkpointEvery but received -1 of type number'],
  [{ checkpointEvery: true }, 'Expected an integer >= 0 for checkpointEvery but received true of type boolean'],
  [{ keepCheckpoints: 0 }, 'Expected an integer >= 1 for keepCheckpoints but received 0 of type number'],
  [{ keepCheckpoints: [] }, 'Expected an integer >= 1 for keepCheckpoints but received [] of type array'],
  [{ mirror: 'yes' }, "Expected true or false for mirror but received 'yes' of type string"],
  [{ shifts: 2 }, 'Expected an array, each an integer >= 1, for shifts but received 2 of type number'],
  [{ shifts: [0] }, 'Expected an integer >= 1 for shifts[0] but received 0 of type number'],
  [{ whiten: true }, 'Expected an object for whiten but received true of type boolean'],
  [{ whiten: { shrinkage: 0 } }, 'Expected a number > 0 for whiten.shrinkage but received 0 of type number'],
  [{ output: '' }, "Expected a non-empty string for output but received '' of type string"],
  [{ output: 3 }, 'Expected a non-empty string for output but received 3 of type number'],
  [{ net: 'conv4' }, "Expected an object for net but received 'conv4' of type string"],
  [
    { net: { type: 'conv5' } },
    "Expected 'conv4' or 'casiaNet' or 'linear' or 'mlp' or 'layers' for net.type but received 'conv5' of type string",
  ],
  [
    { net: { type: 'conv4', width: 0 } },
    'Expected an integer >= 1 or an array of 4, each an integer >= 1, for net.width but received 0 of type number',
  ],
  [{ net: { type: 'conv4', embedingSize: 3 } }, 'Unknown option net.embedingSize: did you mean net.embeddingSize?'],
  [
    { net: { type: 'conv4', input: { channels: 1, height: 0, width: 3 } } },
    'Expected an integer >= 1 for net.input.height but received 0 of type number',
  ],
  [
    { net: { type: 'casiaNet', dropout: 1 } },
    'Expected a number in [0, 1) for net.dropout but received 1 of type number',
  ],
  [
    layer({ type: 'conv', name: 'c', out: 2, kernel: 0 }),
    'Expected an integer >= 1 or an array of 2, each an integer >= 1, for net.layers[0].kernel but received 0 of type number',
  ],
  [
    layer({ type: 'maxPool', kernel: 2, strid: 1 }),
    'Unknown option net.layers[0].strid: did you mean net.layers[0].stride?',
  ],
  [
    layer({ type: 'convolution' }),
    "Expected 'conv' or 'batchNorm' or 'instanceNorm' or 'relu' or 'leakyRelu' or 'maxPool' or 'avgPool' or 'globalPool' or 'flatten' or 'linear' or 'dropout' or 'sequence' for net.layers[0].type but received 'convolution' of type string",
  ],
  [
    { loss: { type: 'tripel' } },
    "Expected 'nPairMc' or 'nPairOvo' or 'supCon' or 'contrastive' or 'triplet' or 'tripletMargin' or 'tuplet' or 'softmax' or 'arcFace' or 'cosFace' or 'proxyAnchor' for loss.type but received 'tripel' of type string",
  ],
  [{ loss: { type: 'triplet', margin: 0 } }, 'Expected a number > 0 for loss.margin but received 0 of type number'],
  [
    { loss: { type: 'triplet', form: 'smooth', margin: 0.2 } },
    "Expected nothing with form 'smooth', which has no margin, for loss.margin but received 0.2 of type number",
  ],
  [
    { loss: { type: 'cosFace', margin: 2 } },
    'Expected a number in (0, 1] for loss.margin but received 2 of type number',
  ],
  [
    { loss: { type: 'tuplet' } },
    'Expected an integer >= 1 for loss.negatives but received undefined of type undefined',
  ],
  [
    { loss: { type: 'custom' } },
    'Expected what losses.custom gives (a function, which no file holds) for loss but received {"type":"custom"} of type object',
  ],
  [
    { batch: { type: 'classBalanced', classes: 8 } },
    'Expected an integer >= 2 for batch.imagesPerClass but received undefined of type undefined',
  ],
  [
    { batch: { type: 'triples', classes: 8 } },
    "Expected 'pairs' or 'classBalanced' or 'tuplets' for batch.type but received 'triples' of type string",
  ],
  [{ loss: { type: 'nPairMc', l2: -1 } }, 'Expected a number >= 0 for loss.l2 but received -1 of type number'],
  [{ loss: { type: 'nPairMc', l2: '0' } }, "Expected a number >= 0 for loss.l2 but received '0' of type string"],
  [
    { loss: { type: 'nPairMc', l2Convention: 'half' } },
    "Expected 'sum' or 'mean' or 'quarter' for loss.l2Convention but received 'half' of type string",
  ],
  [
    { loss: { type: 'nPairMc', temperature: 0 } },
    'Expected a number > 0 for loss.temperature but received 0 of type number',
  ],
  [
    { loss: { type: 'nPairMc', normalize: 1 } },
    'Expected true or false for loss.normalize but received 1 of type number',
  ],
  [
    { loss: { type: 'nPairMc', margin: 1 } },
    'Unknown option loss.margin: known here: type, l2, l2Convention, l2Of, temperature, normalize, queries, sameClass',
  ],
  [
    { optimizer: { type: 'lion' } },
    "Expected 'adam' or 'adamW' or 'sgd' for optimizer.type but received 'lion' of type string",
  ],
  [sgd({ momentum: 1 }), 'Expected a number in [0, 1) for optimizer.momentum but received 1 of type number'],
  [sgd({ momentum: '0.9' }), "Expected a number in [0, 1) for optimizer.momentum but received '0.9' of type string"],
  [sgd({ dampening: -0.1 }), 'Expected a number in [0, 1) for optimizer.dampening but received -0.1 of type number'],
  [sgd({ nesterov: 1 }), 'Expected true or false for optimizer.nesterov but received 1 of type number'],
  [
    sgd({ nesterov: true, momentum: 0 }),
    'Expected false without momentum for optimizer.nesterov but received true of type boolean',
  ],
  [
    sgd({ nesterov: true, dampening: 0.1 }),
    'Expected false with dampening for optimizer.nesterov but received true of type boolean',
  ],
  [sgd({ momentun: 0.9 }), 'Unknown option optimizer.momentun: did you mean optimizer.momentum?'],
  [
    sgd({ beta1: 0.9 }),
    'Unknown option optimizer.beta1: known here: type, learningRate, clipNorm, schedule, momentum, dampening, nesterov, weightDecay',
  ],
  [
    { optimizer: { type: 'adamW', weightDecay: -0.5 } },
    'Expected a number >= 0 for optimizer.weightDecay but received -0.5 of type number',
  ],
  [{ ema: true }, 'Expected an object for ema but received true of type boolean'],
  [{ ema: { decay: 1 } }, 'Expected a number in [0, 1) for ema.decay but received 1 of type number'],
  [{ ema: { decay: '0.9' } }, "Expected a number in [0, 1) for ema.decay but received '0.9' of type string"],
  [{ ema: { warmup: 100 } }, 'Expected true or false for ema.warmup but received 100 of type number'],
  [{ ema: { deca: 0.9 } }, 'Unknown option ema.deca: did you mean ema.decay?'],
  [
    { guard: {} },
    "Expected 'stop' or 'skip' or 'rollback' for guard.onDivergence but received undefined of type undefined",
  ],
  [
    { guard: { onDivergence: 'pray' } },
    "Expected 'stop' or 'skip' or 'rollback' for guard.onDivergence but received 'pray' of type string",
  ],
  [{ guard: 'stop' }, "Expected an object for guard but received 'stop' of type string"],
  [guard({ maxCosine: 1.5 }), 'Expected a number in [-1, 1] for guard.maxCosine but received 1.5 of type number'],
  [guard({ maxNorm: 0 }), 'Expected a number > 0 for guard.maxNorm but received 0 of type number'],
  [guard({ gradientSpike: 1 }), 'Expected a number > 1 for guard.gradientSpike but received 1 of type number'],
  [guard({ decay: 1 }), 'Expected a number in [0, 1) for guard.decay but received 1 of type number'],
  [guard({ warmup: -1 }), 'Expected an integer >= 0 for guard.warmup but received -1 of type number'],
  [guard({ mostSkipped: 0 }), 'Expected an integer >= 1 for guard.mostSkipped but received 0 of type number'],
  [guard({ retries: 1.5 }), 'Expected an integer >= 1 for guard.retries but received 1.5 of type number'],
  [guard({ rateFactor: 2 }), 'Expected a number in (0, 1] for guard.rateFactor but received 2 of type number'],
  [guard({ retries: 2 }), "Expected nothing with onDivergence 'stop' for guard.retries but received 2 of type number"],
  [
    guard({ onDivergence: 'skip', rateFactor: 0.1 }),
    "Expected nothing with onDivergence 'skip' for guard.rateFactor but received 0.1 of type number",
  ],
  [
    guard({ onDivergence: 'rollback', mostSkipped: 3 }),
    "Expected nothing with onDivergence 'rollback' for guard.mostSkipped but received 3 of type number",
  ],
  [guard({ retris: 2 }), 'Unknown option guard.retris: did you mean guard.retries?'],
  [{ optimizer: 'adam' }, "Expected an object for optimizer but received 'adam' of type string"],
  [adam({ learningRate: 0 }), 'Expected a number > 0 for optimizer.learningRate but received 0 of type number'],
  [
    adam({ learningRate: '1e-3' }),
    "Expected a number > 0 for optimizer.learningRate but received '1e-3' of type string",
  ],
  [adam({ beta1: 1 }), 'Expected a number in [0, 1) for optimizer.beta1 but received 1 of type number'],
  [adam({ beta2: -0.1 }), 'Expected a number in [0, 1) for optimizer.beta2 but received -0.1 of type number'],
  [adam({ epsilon: 0 }), 'Expected a number > 0 for optimizer.epsilon but received 0 of type number'],
  [adam({ weightDecay: -1 }), 'Expected a number >= 0 for optimizer.weightDecay but received -1 of type number'],
  [
    adam({ clipNorm: Number.POSITIVE_INFINITY }),
    'Expected a number >= 0 for optimizer.clipNorm but received Infinity of type number',
  ],
  [
    schedule({ type: 'poly' }),
    "Expected 'constant' or 'step' or 'cosine' for optimizer.schedule.type but received 'poly' of type string",
  ],
  [
    schedule({ type: 'constant', warmup: -1 }),
    'Expected an integer >= 0 for optimizer.schedule.warmup but received -1 of type number',
  ],
  [schedule({ type: 'constant', final: 0 }), 'Unknown option optimizer.schedule.final: known here: type, warmup'],
  [
    schedule({ type: 'step' }),
    'Expected an array of at least 1, each an integer >= 1, for optimizer.schedule.milestones but received undefined of type undefined',
  ],
  [
    schedule({ type: 'step', milestones: [5, 5] }),
    'Expected rising numbers for optimizer.schedule.milestones but received [5,5] of type array',
  ],
  [
    schedule({ type: 'step', milestones: [5], factor: 2 }),
    'Expected a number in (0, 1] for optimizer.schedule.factor but received 2 of type number',
  ],
  [
    schedule({ type: 'cosine', final: 2 }),
    'Expected a number in [0, 1] for optimizer.schedule.final but received 2 of type number',
  ],
  [
    schedule({ type: 'cosine', warmup: 100 }),
    "Expected fewer than the run's 100 steps for optimizer.schedule.warmup but received 100 of type number",
  ],
  [{ preprocess: { invert: 1 } }, 'Expected true or false for preprocess.invert but received 1 of type number'],
  [
    { preprocess: { mean: 'a' } },
    "Expected a number or an array of at least 1, each a number, for preprocess.mean but received 'a' of type string",
  ],
  [
    { preprocess: { std: 0 } },
    'Expected a number > 0 or an array of at least 1, each a number > 0, for preprocess.std but received 0 of type number',
  ],
  [{ preprocess: { std: [1, 0] } }, 'Expected a number > 0 for preprocess.std[1] but received 0 of type number'],
  [{ augment: { crop: 100 } }, "Expected 'random' or 'centre' for augment.crop but received 100 of type number"],
  [{ augment: { flip: 0.5 } }, 'Expected true or false for augment.flip but received 0.5 of type number'],
  [
    { augment: { rotation: 181 } },
    'Expected a number in [0, 180] for augment.rotation but received 181 of type number',
  ],
  [{ augment: { scale: 1 } }, 'Expected a number in [0, 1) for augment.scale but received 1 of type number'],
  [{ augment: { shear: -1 } }, 'Expected a number >= 0 for augment.shear but received -1 of type number'],
  [{ augment: { shift: '1' } }, "Expected a number >= 0 for augment.shift but received '1' of type string"],
  [{ augment: { fill: 255 } }, 'Expected a number in [0, 1] for augment.fill but received 255 of type number'],
  [{ augment: { brightness: null } }, 'Expected a number >= 0 for augment.brightness but received null of type null'],
  [{ augment: { contrast: 2 } }, 'Expected a number in [0, 1] for augment.contrast but received 2 of type number'],
  [
    { augment: { classes: { share: 1.5 } } },
    'Expected a number in [0, 1] for augment.classes.share but received 1.5 of type number',
  ],
  [
    { augment: { classes: { stretch: 1 } } },
    'Expected a number in [0, 1) for augment.classes.stretch but received 1 of type number',
  ],
  [
    { augment: { classes: { rotatoin: 1 } } },
    'Unknown option augment.classes.rotatoin: did you mean augment.classes.rotation?',
  ],
  [{ validation: {} }, 'Expected an object for validation.protocol but received undefined of type undefined'],
  [
    { validation: { every: 0, protocol: { type: 'retrieval' } } },
    'Expected an integer >= 1 for validation.every but received 0 of type number',
  ],
  [
    { validation: { protocol: { type: 'recall' } } },
    "Expected 'verification' or 'retrieval' or 'clustering' or 'identification' or 'reId' or 'recognition' or 'oneShot' or 'pairs' or 'lists' for validation.protocol.type but received 'recall' of type string",
  ],
  [
    { validation: { protocol: { type: 'oneShot', way: 5 } } },
    'Unknown option validation.protocol.way: did you mean validation.protocol.ways?',
  ],
  [
    { validation: { protocol: { type: 'retrieval', at: [0] } } },
    'Expected an integer >= 1 for validation.protocol.at[0] but received 0 of type number',
  ],
  [
    { validation: { protocol: { type: 'verification', scoreNorm: { type: 's', cohort: 1 } } } },
    'Expected a number in (0, 1) for validation.protocol.scoreNorm.cohort but received 1 of type number',
  ],
  [
    { validation: { protocol: { type: 'pairs', path: 'p', scoreNorm: { type: 'x', cohort: 1 } } } },
    "Expected 'z' or 't' or 's' for validation.protocol.scoreNorm.type but received 'x' of type string",
  ],
  [
    { validation: { protocol: { type: 'retrieval' }, keep: 'newest' } },
    "Expected 'best' or 'last' for validation.keep but received 'newest' of type string",
  ],
  [
    { validation: { protocol: { type: 'retrieval' }, figure: 1 } },
    'Expected a non-empty string for validation.figure but received 1 of type number',
  ],
]
for (const [change, message] of bad)
  test(`refused: ${message}`, async (t) => {
    const error = await t.throwsAsync(() => checkTrainOptions({ ...least, ...change }), {
      instanceOf: NPairError,
      message,
    })
    t.is(error?.code, 'INVALID_OPTION')
    t.true(message.includes(`${error?.option} but`) || message.startsWith(`Unknown option ${error?.option}:`))
  })
