import test from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { Random } from '../../src/random.js'
import { labelledData } from '../protocols/labelledData.js'

/** 12 classes of 1 to 5 images in 4 super-classes. */
const sizes = [3, 1, 4, 2, 5, 3, 2, 4, 1, 5, 2, 3]
const superClassOf = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
const whole = labelledData(sizes, superClassOf)

/** Image id, class name and super-class name of every image: what a dataset says, without its numbering. */
const said = (data: Dataset) =>
  Array.from(data.images, (id, i) => {
    const label = data.labels[i] as number
    return [id, data.classes[label], data.superClasses[data.superClassOf[label] as number]]
  })
const classesOf = (data: Dataset) => new Set(data.classes)
const common = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>) => [...a].filter((x) => b.has(x))

/** Labels are dense, sorted, each has its class, and classes and super-classes are those that are used. */
function consistent(data: Dataset): boolean {
  const used = [...new Set(data.labels)]
  const supers = [...new Set(data.superClassOf)].sort((a, b) => a - b)
  return (
    used.length === data.classes.length &&
    used.every((label, i) => label === i) &&
    data.superClassOf.length === (data.superClasses.length === 0 ? 0 : data.classes.length) &&
    supers.length === data.superClasses.length &&
    supers.every((s, i) => s === i)
  )
}

test('images stand by label, then by row of the pack', (t) => {
  const data = labelledData([2, 3])
  t.deepEqual([...data.images], [0, 1, 2, 3, 4])
  t.deepEqual([...data.labels], [0, 0, 1, 1, 1])
  t.deepEqual(
    data.byClass().map((positions) => [...positions]),
    [
      [0, 1],
      [2, 3, 4],
    ],
  )
  t.deepEqual(data.summary, { images: 5, classes: 2, skipped: [] })
  t.is(data.imageName(4), 'image 4')
  for (const i of [5, -1, 0.5])
    t.throws(() => data.imageName(i), {
      code: 'INVALID_OPTION',
      message: `Expected an image in [0, 5) but received ${i}`,
    })
})

test('split by class: no class on both sides, nothing lost, labels anew', (t) => {
  for (let seed = 0; seed < 50; seed++) {
    const { train, test } = whole.splitByClass({ test: 0.4, seed })
    t.true(consistent(train) && consistent(test))
    t.deepEqual(common(classesOf(train), classesOf(test)), [])
    t.is(test.classes.length, 5)
    const both = [...said(train), ...said(test)].sort((a, b) => (a[0] as number) - (b[0] as number))
    t.deepEqual(both, said(whole))
  }
})

test('split by super-class: no alphabet on both sides', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const { train, test } = whole.splitBySuperClass({ test: 0.5, seed })
    t.true(consistent(train) && consistent(test))
    t.deepEqual(common(new Set(train.superClasses), new Set(test.superClasses)), [])
    t.is(test.superClasses.length, 2)
    t.is(train.length + test.length, whole.length)
  }
  const { test: named } = whole.splitBySuperClass({ test: ['alphabet 2'] })
  t.deepEqual(named.classes, ['class 6', 'class 7', 'class 8'])
  t.throws(() => whole.splitBySuperClass({ test: ['alphabet 9'] }), { code: 'INVALID_OPTION', message: /'alphabet 9'/ })
  t.throws(() => labelledData([2, 2]).splitBySuperClass({ test: 0.5 }), {
    code: 'DATA_CLASSES',
    message: 'Data of type labels has no super-classes to split by',
  })
})

test('split within classes: every class on both sides, no image on both', (t) => {
  const data = labelledData([2, 3, 10], [0, 0, 1])
  const { train, test } = data.splitWithinClass({ test: 0.3, seed: 1 })
  t.true(consistent(train) && consistent(test))
  t.deepEqual([train.classes, test.classes], [data.classes, data.classes])
  t.deepEqual(common(new Set(train.images), new Set(test.images)), [])
  t.deepEqual(
    test.byClass().map((positions) => positions.length),
    [1, 1, 3],
  )
  t.is(train.length + test.length, data.length)
})

test('rotated classes are four times as many, each with the ids of its rotation', (t) => {
  const data = labelledData([2, 1], [1, 0])
  const rotated = data.rotatedClasses()
  t.true(consistent(rotated))
  t.deepEqual([...rotated.images], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  t.deepEqual([...rotated.labels], [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7])
  t.deepEqual(rotated.classes.slice(0, 4), ['class 0', 'class 1', 'class 0 @90', 'class 1 @90'])
  t.deepEqual([...rotated.superClassOf], [1, 0, 1, 0, 1, 0, 1, 0])
  t.is(rotated.imageName(11), 'image 2')
  t.throws(() => rotated.rotatedClasses(), {
    code: 'INVALID_OPTION',
    message: 'The classes of this dataset are turned already',
  })
  t.throws(() => rotated.splitByClass({ test: 0.5 }).train.rotatedClasses(), { code: 'INVALID_OPTION' })
})

test('recorded parts give the same dataset, over hundreds of random chains', (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed, 'report')
    let data = whole.splitByClass({ test: ['class 1', 'class 8'] }).train
    let turned = false
    for (let depth = random.below(4); depth > 0; depth--) {
      const half = random.below(2) === 0 ? 'train' : 'test'
      const options = { test: 0.2 + 0.6 * random.uniform(), seed: random.below(100) }
      const kind = random.below(4)
      if (kind === 0 && data.classes.length > 1) data = data.splitByClass(options)[half]
      else if (kind === 1 && data.superClasses.length > 1) data = data.splitBySuperClass(options)[half]
      else if (kind === 2 && data.byClass().every((positions) => positions.length > 1))
        data = data.splitWithinClass(options)[half]
      else if (kind === 3 && !turned) {
        data = data.rotatedClasses()
        turned = true
      }
    }
    // As config.json gives them back.
    const again = whole.withParts(JSON.parse(JSON.stringify(data.plan.parts)))
    const trace = JSON.stringify(data.plan.parts)
    t.true(consistent(data), trace)
    t.deepEqual(said(again), said(data), trace)
    t.deepEqual(again.plan, data.plan)
  }
})

test('a plan cannot be changed, and splitting leaves the dataset as it was', (t) => {
  const before = said(whole)
  const names = ['class 3']
  const { test: half } = whole.splitByClass({ test: names })
  names.push('class 4')
  t.deepEqual(half.plan.parts, [{ type: 'splitByClass', half: 'test', test: ['class 3'], seed: 0 }])
  t.true(Object.isFrozen(half.plan) && Object.isFrozen(half.plan.parts) && Object.isFrozen(half.plan.parts[0]))
  t.deepEqual(said(whole), before)
  t.deepEqual(whole.plan.parts, [])
})
