import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { likelyPythons, pythonTorch } from '../../src/native/pythonTorch.js'
import { temporaryFolder } from './temporaryFolder.js'

const python = { from: 'python3', program: 'python3' }
const there = spawnSync('python3', ['--version']).status === 0
const withPython = there ? test : test.skip

test('the activated environments come before what is on PATH', (t) => {
  t.deepEqual(likelyPythons({}), [python])
  t.deepEqual(likelyPythons({ CONDA_PREFIX: '/c', VIRTUAL_ENV: '/v' }), [
    { from: 'VIRTUAL_ENV', program: '/v/bin/python3' },
    { from: 'CONDA_PREFIX', program: '/c/bin/python3' },
    python,
  ])
})

withPython('finds an installed torch without importing it, wherever HOME is', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'torch'))
  writeFileSync(join(folder, 'torch/__init__.py'), 'raise Exception("imported")\n')
  const env = { ...process.env, PYTHONPATH: folder, HOME: join(folder, 'none') }
  t.is(await pythonTorch(python, env), join(folder, 'torch'))
})

test('a Python that is none, fails or prints nothing has no torch', async (t) => {
  const folder = temporaryFolder(t)
  t.is(await pythonTorch({ from: 'x', program: join(folder, 'none') }), undefined)
  t.is(await pythonTorch({ from: 'x', program: '/bin/false' }), undefined)
  t.is(await pythonTorch({ from: 'x', program: '/bin/true' }), undefined)
  t.is(await pythonTorch({ from: 'x', program: '/bin/echo' }), undefined)
})
