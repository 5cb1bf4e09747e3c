import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import sharp from 'sharp'
import { npair } from '../cli/npair.js'
import { temporary } from '../train/tinyRun.js'

/** The paper's experiments on small generated copies of their layouts: the configs as committed, but for how much. */

/** Stripes of a class's own width and colour, a little different in each image. */
async function picture(path: string, kind: number, which: number): Promise<void> {
  const [width, height] = [70 + 3 * which, 60]
  const pixels = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++)
      pixels[3 * i + c] = (Math.floor(((i % width) + which) / (2 + kind)) % 2) * (90 + 40 * ((kind + c) % 4))
  await mkdir(dirname(path), { recursive: true })
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toFile(path)
}

/** Trains and judges; returns the plan and the printed figures. */
async function experiment(
  t: ExecutionContext,
  [name, train, test_]: [name: string, train: string, test: string],
  protocol: string[],
  sets: string[] = [],
) {
  const run = join(await temporary(t), 'run')
  const small = ['steps=2', 'batch.pairs=3', 'device=cpu', 'precision=float32', ...sets].flatMap((set) => [
    '--set',
    set,
  ])
  const trained = await npair('train', `examples/paper/${name}.json`, '--data', train, '--output', run, ...small)
  t.is(trained.code, 0, trained.stderr)
  const judged = await npair('eval', run, '--data', test_, '--protocol', ...protocol)
  t.is(judged.code, 0, judged.stderr)
  const plan = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'))
  return { plan, figures: judged.stdout }
}

test.serial('faces: CASIA-WebFace trains, LFW judges', async (t) => {
  t.timeout(300_000)
  const folder = await temporary(t)
  for (let id = 0; id < 4; id++)
    for (let i = 1; i <= 3; i++) {
      const person = `Person_${'ABCD'[id]}`
      await picture(join(folder, `CASIA-WebFace/000004${id}/00${i}.jpg`), id, i)
      await picture(join(folder, `lfw/${person}/${person}_000${i}.jpg`), id + 4, i)
    }
  const parts: [string, string, string] = ['casia-webface', join(folder, 'CASIA-WebFace'), join(folder, 'lfw')]
  const verification = await experiment(t, parts, ['verification', '--set', 'folds=2'])
  t.regex(verification.figures, /Verification accuracy +\d/)
  t.like(verification.plan, { steps: 2, mirror: true, net: { input: { channels: 1, height: 100, width: 100 } } })
})

test.serial('CUB-200: the first classes train, the last judge', async (t) => {
  t.timeout(300_000)
  const folder = await temporary(t)
  for (const [half, first] of [
    ['train', 1],
    ['test', 101],
  ] as const)
    for (let c = first; c < first + 3; c++)
      for (let i = 1; i <= 3; i++) {
        const name = `${String(c).padStart(3, '0')}.Bird_${c}`
        await picture(join(folder, `images/${name}/Bird_${i}.jpg`), c % 100, i)
        if (i > 1) continue
        await mkdir(join(folder, half), { recursive: true })
        await symlink(join(folder, 'images', name), join(folder, half, name))
      }
  const halves: [string, string, string] = ['cub-200', join(folder, 'train'), join(folder, 'test')]
  const { plan, figures } = await experiment(t, halves, ['retrieval', '--set', 'at=[1,2,4,8]'])
  for (const k of [1, 2, 4, 8]) t.regex(figures, new RegExp(`^Recall@${k} +\\d`, 'm'))
  t.like(plan, { net: { embeddingSize: 64, input: { height: 224 } } })
})

test.serial(
  'Cars-196 by its own list: classes 1 to 98 train, the others judge, by a config or by flags alike',
  async (t) => {
    t.timeout(300_000)
    const folder = await temporary(t)
    const [cars, run, config] = ['cars', 'run', 'cars.json'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    for (let i = 1; i <= 18; i++)
      await picture(join(cars, `car_ims/${String(i).padStart(6, '0')}.jpg`), Math.ceil(i / 3), i % 3)
    await copyFile('__test__/fixtures/cars/cars_small.mat', join(cars, 'cars_annos.mat'))
    const small = ['steps=1', 'batch.pairs=3', 'device=cpu', 'precision=float32'].flatMap((set) => ['--set', set])
    const trained = await npair('train', 'examples/paper/cars-196.json', '--data', cars, '--output', run, ...small)
    t.is(trained.code, 0, trained.stderr)
    const plan = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'))
    t.like(plan, {
      data: { type: 'benchmark', source: { name: 'cars196', half: 'train' } },
      net: { embeddingSize: 64 },
    })
    // Its own test half has judged it.
    const results = JSON.parse(await readFile(join(run, 'results.json'), 'utf8'))
    const retrieval = results.find(({ protocol }: { protocol: string }) => protocol === 'retrieval')
    t.like(retrieval, { data: { source: { name: 'cars196', half: 'test' } }, counts: { images: 9, classes: 3 } })

    const { data } = JSON.parse(await readFile('examples/paper/cars-196.json', 'utf8'))
    await writeFile(config, JSON.stringify({ data: { ...data, path: cars } }))
    const judged = await npair('eval', run, '--data', config, '--protocol', 'retrieval', '--json')
    t.deepEqual(JSON.parse(judged.stdout || '{}').figures, retrieval.figures, judged.stderr)
    const flags = ['--type', 'cars196', '--protocol', 'retrieval', '--set', 'at=[1,2,4,8]']
    const { stdout, stderr } = await npair('eval', run, '--data', cars, ...flags)
    for (const k of [1, 2, 4, 8]) t.regex(stdout, new RegExp(`^Recall@${k} +\\d`, 'm'), stderr)
    const both = await npair('eval', run, '--data', config, '--type', 'cub', '--protocol', 'retrieval')
    t.regex(both.stderr, /nothing with .*cars.json, which says it for --type/)
  },
)

test.serial('Online Products: arranged by its lists, trained with mined classes', async (t) => {
  t.timeout(300_000)
  const folder = await temporary(t)
  const source = join(folder, 'Stanford_Online_Products')
  for (const [half, first] of [
    ['train', 1],
    ['test', 5],
  ] as const) {
    const lines = ['image_id class_id super_class_id path']
    for (let c = first; c < first + 4; c++)
      for (let i = 0; i < 3; i++) {
        const path = `bicycle_final/11108512287${c}_${i}.JPG`
        await picture(join(source, path), c, i)
        lines.push(`${lines.length} ${c} 1 ${path}`)
      }
    await writeFile(join(source, `Ebay_${half}.txt`), `${lines.join('\n')}\n`)
  }
  const arranged = join(folder, 'sop')
  const script = 'examples/paper/arrange-online-products.mjs'
  await promisify(execFile)(process.execPath, [script, source, arranged])
  const halves: [string, string, string] = ['online-products', join(arranged, 'train'), join(arranged, 'test')]
  const { plan, figures } = await experiment(t, halves, ['retrieval', '--set', 'at=[1,10]'])
  t.regex(figures, /^Recall@10 +\d/m)
  t.like(plan, { batch: { pairs: 3, mining: { candidates: 600 } }, net: { embeddingSize: 512 } })
  t.is(plan.data.path.endsWith('sop/train'), true)
  await t.throwsAsync(promisify(execFile)(process.execPath, [script, source]), { message: /Expected two folders/ })
})
