import { type CompareConfig, compare, type Embeddings, losses, mining, type NPairError, nets, train } from 'npair'
import type { Equal, Expect } from './equal.js'

/** What the public types allow and refuse, as an editor would say it; compiled, never run. */

type TrainInput = Parameters<typeof train>[0]
declare const data: TrainInput['data']
declare const embeddings: Embeddings
declare const error: NPairError

const least = { data, net: nets.conv4(), batch: { pairs: 8 }, steps: 10, output: 'runs/x' } satisfies TrainInput

const split = { by: 'class', test: 0.5 } as const
const compared = {
  data: { type: 'characters', size: 28, split },
  net: nets.conv4(),
  batch: { pairs: 8 },
  steps: 10,
} as const
export const comparison = {
  ...compared,
  compare: { seeds: [1, 2], methods: ['softmax', { name: 'own', loss: losses.nPairMc({ l2: 0 }), rateFactor: 3 }] },
} satisfies CompareConfig

export async function allowed(): Promise<void> {
  await train(least)
  await train({ ...least, net: { type: 'casiaNet', embeddingSize: 64 }, loss: losses.nPairMc({ l2: 0 }) })
  await train({ ...least, optimizer: { type: 'adam', schedule: { type: 'step', milestones: [5] } } })
  await train({ ...least, optimizer: { type: 'sgd', nesterov: true }, ema: { decay: 0.99 }, precision: 'bfloat16' })
  await train({ ...least, guard: { onDivergence: 'rollback', retries: 2 }, batch: { pairs: 8, accumulate: 4 } })
  await train({ ...least, validation: { protocol: { type: 'oneShot', ways: 5 } } })
  await train({ ...least, batch: { pairs: 8, mining: mining.hardNegativeClasses({ candidates: 100, every: 2 }) } })
  await train({ ...least, batch: { pairs: 8, mining: { type: 'hardNegativeClasses', candidates: 9 } } })
  await train({ ...least, sampler: mining.custom(() => [new Int32Array(16)]) })
  await compare(comparison, { onRun: ({ method, seed }, done) => console.log(method, seed, done) })
  nets.layers({ layers: [{ type: 'sequence', name: 'a', layers: [{ type: 'relu' }] }, { type: 'globalPool' }] })
}

export async function refused(): Promise<void> {
  // @ts-expect-error no network
  await train({ data, batch: { pairs: 8 }, steps: 10, output: 'runs/x' })
  // @ts-expect-error a misspelt option
  await train({ ...least, sede: 1 })
  // @ts-expect-error a number as text
  await train({ ...least, batch: { pairs: '8' } })
  // @ts-expect-error milestones belong to a step schedule
  await train({ ...least, optimizer: { type: 'adam', schedule: { type: 'cosine', milestones: [5] } } })
  // @ts-expect-error tuplets have negatives of their own
  await train({ ...least, batch: { type: 'tuplets', tuplets: 4, negatives: 1, mining: { candidates: 9 } } })
  // @ts-expect-error methods mine for themselves
  await compare({ ...compared, batch: { pairs: 8, mining: { type: 'hardNegativeClasses', candidates: 9 } } })
  // @ts-expect-error a misspelt option
  await compare({ ...compared, compare: { seed: [1] } })
  // @ts-expect-error three images tell no more than two
  mining.hardNegativeClasses({ candidates: 9, imagesPerClass: 3 })
  // @ts-expect-error SGD has no betas
  await train({ ...least, optimizer: { type: 'sgd', beta1: 0.9 } })
  // @ts-expect-error a guard must know what to do
  await train({ ...least, guard: { maxNorm: 10 } })
  // @ts-expect-error an option of another preset
  nets.conv4({ dropout: 0.5 })
  // @ts-expect-error a convolution needs a kernel
  nets.layers({ layers: [{ type: 'conv', name: 'c', out: 8 }] })
  // @ts-expect-error no such convention
  losses.nPairMc({ l2Convention: 'half' })
  // @ts-expect-error plans are not to be changed
  losses.nPairMc().l2 = 1
  // @ts-expect-error a loss needs labels
  await losses.nPairMc().compute(embeddings)
}

export async function given(): Promise<void> {
  const single = await losses.nPairMc().compute(embeddings, ['a', 'a'])
  const double = await losses.nPairMc().compute({ data: new Float64Array(4), size: 2 }, [0, 0])
  type Checks = [
    Expect<Equal<typeof single.gradient, Embeddings>>,
    Expect<Equal<typeof double.gradient, Float64Array>>,
    Expect<Equal<typeof error.option, string | undefined>>,
  ]
  // @ts-expect-error codes are a closed list
  if (error.code === 'NO_SUCH_CODE') return
  const checks: Checks = [true, true, true]
  void checks
}
