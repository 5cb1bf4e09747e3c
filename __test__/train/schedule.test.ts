import test from 'ava'
import { resolveSchedule, type ScheduleOptions } from '../../src/config/schedule.js'
import { learningRate } from '../../src/train/schedule.js'

const rates = (schedule: ScheduleOptions, steps: number, base = 1, total = steps) =>
  Array.from({ length: steps }, (_, step) => learningRate(resolveSchedule(schedule), base, step, total))

/** PyTorch's CosineAnnealingLR as it steps, each rate from the one before (torch/optim/lr_scheduler.py). */
function cosineAnnealing(base: number, final: number, total: number): number[] {
  const rates = [base]
  for (let t = 1; t < total; t++) {
    const last = rates[t - 1] as number
    rates.push(
      ((1 + Math.cos((Math.PI * t) / total)) / (1 + Math.cos((Math.PI * (t - 1)) / total))) * (last - final) + final,
    )
  }
  return rates
}

const near = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] as number)) <= 1e-12 * Math.max(1e-3, Math.abs(x)))

test('constant', (t) => {
  t.deepEqual(rates({ type: 'constant' }, 3, 0.1), [0.1, 0.1, 0.1])
})

test('warm-up as LinearLR(start_factor=1/4, total_iters=3): no step at 0, full at the last', (t) => {
  t.deepEqual(rates({ type: 'constant', warmup: 4 }, 6), [0.25, 0.5, 0.75, 1, 1, 1])
})

test('step as MultiStepLR([3, 5], gamma=0.1): lower from the milestone on', (t) => {
  const got = rates({ type: 'step', milestones: [3, 5] }, 7, 0.5)
  t.true(near(got, [0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.005]))
  t.true(near(rates({ type: 'step', milestones: [1], factor: 0.5, warmup: 2 }, 3), [0.5, 0.5, 0.5]))
})

test('the schedule of the face experiments: 3e-4, 1e-4 from 160k, 3e-5 from 200k would be factors 1/3 and 0.3', (t) => {
  const schedule = resolveSchedule({ type: 'step', milestones: [160_000, 200_000], factor: 1 / 3 })
  const at = (step: number) => learningRate(schedule, 3e-4, step, 240_000)
  t.true(near([at(0), at(159_999), at(160_000), at(199_999), at(200_000)], [3e-4, 3e-4, 1e-4, 1e-4, 1e-4 / 3]))
})

test('cosine as CosineAnnealingLR(T_max=10)', (t) => {
  t.true(near(rates({ type: 'cosine' }, 10, 0.1), cosineAnnealing(0.1, 0, 10)))
  t.true(near(rates({ type: 'cosine', final: 0.01 }, 10, 0.1), cosineAnnealing(0.1, 0.001, 10)))
  t.is(rates({ type: 'cosine' }, 11, 0.1, 10)[10], 0)
})

test('cosine after warm-up takes the steps that are left', (t) => {
  t.true(near(rates({ type: 'cosine', warmup: 2 }, 12, 0.1), [0.05, 0.1, ...cosineAnnealing(0.1, 0, 10)]))
})

test('a step asked for alone has the rate that it has in the run', (t) => {
  const schedule = resolveSchedule({ type: 'cosine', warmup: 5, final: 0.1 })
  const all = rates({ type: 'cosine', warmup: 5, final: 0.1 }, 50)
  t.is(all[37], learningRate(schedule, 1, 37, 50))
})
