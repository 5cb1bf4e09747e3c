import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { version } from '../../src/version.js'
import { temporary } from '../train/tinyRun.js'
import { npair } from './npair.js'

/** One line on stderr that ends in [CODE], nothing on stdout, and the exit code. */
async function refuses(t: ExecutionContext, args: string[], exit: number, code: string, message: RegExp) {
  const { code: got, stdout, stderr } = await npair(...args)
  const said = `${args.join(' ')}: ${stderr}`
  t.is(got, exit, said)
  t.is(stdout, '', said)
  t.regex(stderr, new RegExp(`^npair: [^\\n]* \\[${code}\\]\\n$`), said)
  t.regex(stderr, message, said)
}

const misused: [string[], RegExp][] = [
  [['trian'], /unknown command 'trian' \(Did you mean train\?\)/],
  [['--verbose'], /unknown option '--verbose'/],
  [['demo', '--steps', 'abc'], /Expected an integer >= 1 for --steps but received 'abc' of type string/],
  [['demo', '--steps', '0'], /for --steps but received '0'/],
  [['demo', '--steps', '1.5'], /for --steps but received '1.5'/],
  [['demo', '--step', '1'], /unknown option '--step' \(Did you mean --steps\?\)/],
  [['demo', 'extra'], /too many arguments/],
  [['train'], /missing required argument 'config'/],
  [['train', 'a.json', '--set'], /argument missing/],
  [['train', 'a.json', '--outptu', 'x'], /unknown option '--outptu' \(Did you mean --output\?\)/],
  [['compare'], /missing required argument 'config'/],
  [['resume'], /missing required argument 'run'/],
  [['resume', 'run', '--output', 'x'], /unknown option '--output'/],
  [['eval', 'run', '--data', 'x'], /Expected verification, .* for --protocol but received undefined/],
  [
    ['eval', 'run', '--protocol', 'retrieval'],
    /Expected the images to judge the model on for --data but received undefined/,
  ],
  [
    ['eval', 'run', '--data', 'x', '--protocol', 'recall'],
    /Expected verification, retrieval, clustering, identification, re-id, recognition, one-shot, pairs, lists for --protocol but received 'recall'/,
  ],
  [['embed', 'run', '--output', 'a.npy'], /missing required argument 'paths'/],
  [['embed', 'run', 'a.png'], /required option '--output <file.npy>' not specified/],
  [
    ['embed', 'run', 'a.png', '--output', 'out.csv'],
    /Expected a name ending in .npy for --output but received 'out.csv'/,
  ],
  [['pack', 'x'], /Expected a size such as 28 or 56x46 for --size/],
  [['pack', 'x', '--size', '28y'], /for --size but received '28y'/],
  [['pack', 'x', '--size', '28', '--channels', '2'], /Expected 1 or 3 for --channels but received '2'/],
  [['pack', 'x', '--size', '28', '--broken', 'maybe'], /'error' or 'skip' for --broken but received 'maybe'/],
  [
    ['pack', 'x', '--size', '28', '--type', 'tar'],
    /folder, omniglot, features, cub, cars196, sop, inShop, market1501 for --type but received 'tar'/,
  ],
  [['setup', '--device', 'tpu'], /option '--device <device>' argument 'tpu' is invalid. Allowed choices are cpu, cuda/],
  [['doctor', '--jsno'], /unknown option '--jsno'/],
]
test('a wrong command line: exit code 2, one line, a code', async (t) => {
  t.timeout(120_000)
  // A few at a time: each is a process of its own.
  for (let i = 0; i < misused.length; i += 4)
    await Promise.all(misused.slice(i, i + 4).map(([args, message]) => refuses(t, args, 2, 'INVALID_OPTION', message)))
})

test('what fails though the command line is right: exit code 1, one line, a code', async (t) => {
  const folder = await temporary(t)
  const config = {
    ...{ data: { type: 'characters', size: 28 }, net: { type: 'conv4', width: 4 }, batch: { pairs: 4 }, steps: 2 },
  }
  const write = async (name: string, content: unknown) => {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
    return join(folder, name)
  }
  await mkdir(join(folder, 'empty'))
  await write('file', '')
  const good = await write('good.json', config)
  const fraction = await write('fraction.json', { ...config, batch: { pairs: 1.5 } })
  const torn = await write('torn.json', '{\n  "data": {\n    "type": "folder",\n  }\n')
  const misnamed = await write('misnamed.json', { ...config, batchs: { pairs: 3 } })
  const foldered = await write('folder.json', { ...config, data: { type: 'folder', size: 28 } })
  const output = join(folder, 'run')
  const before = (await readdir(folder)).sort()
  const cases: [string[], string, RegExp][] = [
    [['train', join(folder, 'none.json')], 'NOT_FOUND', /There is no config file .*none.json/],
    [['train', torn, '--output', output], 'INVALID_OPTION', /Cannot use the config file/],
    [
      ['train', fraction, '--output', output],
      'INVALID_OPTION',
      /Expected an integer >= 2 for batch.pairs but received 1.5 of type number/,
    ],
    [['train', misnamed, '--output', output], 'INVALID_OPTION', /Unknown option batchs: did you mean batch\?/],
    [['train', good, '--output', join(folder, 'empty/../file')], 'NOT_WRITABLE', /Cannot write/],
    [['train', good, '--output', folder], 'OUTPUT_EXISTS', /is not empty/],
    [['train', foldered, '--output', output, '--data', join(folder, 'none')], 'NOT_FOUND', /Cannot read .*none/],
    [['train', foldered, '--output', output, '--data', join(folder, 'empty')], 'DATA_EMPTY', /holds no image/],
    [['resume', join(folder, 'empty')], 'NOT_FOUND', /holds no run/],
    [['eval', join(folder, 'empty'), '--data', folder, '--protocol', 'retrieval'], 'NOT_FOUND', /neither a bundle/],
    [['embed', join(folder, 'empty'), folder, '--output', join(folder, 'a.npy')], 'DATA_EMPTY', /No image was found/],
    [['pack', join(folder, 'none'), '--size', '28'], 'NOT_FOUND', /Cannot read/],
    [['demo', '--output', folder], 'OUTPUT_EXISTS', /is not empty/],
  ]
  for (let i = 0; i < cases.length; i += 4)
    await Promise.all(cases.slice(i, i + 4).map(([args, code, message]) => refuses(t, args, 1, code, message)))
  t.deepEqual((await readdir(folder)).sort(), before)
})

test('--set on the command line alone can be wrong', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'a.json'), '{}')
  await refuses(
    t,
    ['train', join(folder, 'a.json'), '--set', 'batch'],
    2,
    'INVALID_OPTION',
    /for --set but received 'batch'/,
  )
})

test('help and version are no mistakes', async (t) => {
  const [help, own, train, nothing] = await Promise.all([
    npair('--help'),
    npair('--version'),
    npair('train', '--help'),
    npair(),
  ])
  t.is(help.code, 0)
  for (const command of ['demo', 'train', 'resume', 'eval', 'embed', 'pack', 'setup', 'doctor'])
    t.true(help.stdout.includes(`\n  ${command} `), command)
  t.deepEqual([own.code, own.stdout, own.stderr], [0, `${version()}\n`, ''])
  t.is(train.code, 0)
  t.regex(train.stdout, /--set <path=value>/)
  t.is(nothing.code, 2)
  t.regex(nothing.stderr, /^Usage: npair/)
})
