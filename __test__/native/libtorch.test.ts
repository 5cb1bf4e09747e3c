import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { checkSetupRecord, inspectLibtorch, setupRecordName } from '../../src/native/libtorch.js'
import { makeLibtorch } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'

test('a Python package and an archive are known by their version texts', (t) => {
  const root = makeLibtorch(temporaryFolder(t))
  t.deepEqual(inspectLibtorch(root), { root, version: '2.11.0', build: '2.11.0+cu130', variant: 'cuda', headers: true })
  writeFileSync(join(root, 'build-version'), '2.11.0+cpu\n')
  rmSync(join(root, 'lib/libtorch_cuda.so'))
  rmSync(join(root, 'include'), { recursive: true })
  t.deepEqual(inspectLibtorch(root), { root, version: '2.11.0', build: '2.11.0+cpu', variant: 'cpu', headers: false })
})

test('another version is refused by both versions', async (t) => {
  const root = makeLibtorch(temporaryFolder(t), { build: '2.11.1+cpu' })
  const refuses = (message: RegExp) => throwsError(t, 'LIBTORCH_VERSION', () => inspectLibtorch(root), message)
  await refuses(/is libtorch 2\.11\.1\+cpu, and npair needs exactly 2\.11\.0$/)
  writeFileSync(join(root, 'version.py'), 'x = 1\n')
  await refuses(/version\.py names no __version__$/)
  rmSync(join(root, 'version.py'))
  await refuses(/its version is unknown$/)
})

test('what is missing is named, with where it may be', async (t) => {
  const packages = temporaryFolder(t)
  const refuses = (root: string, message: RegExp, headers = false) =>
    throwsError(t, 'LIBTORCH_CORRUPT', () => inspectLibtorch(root, { headers }), message)
  await refuses(join(packages, 'nowhere'), /nowhere does not exist$/)
  const root = makeLibtorch(packages)
  await refuses(packages, /holds no lib\/libtorch_cpu\.so; the libtorch is the folder .*\/torch$/)
  await refuses(join(root, 'lib'), /lib holds no lib\/libtorch_cpu\.so$/)
  renameSync(join(root, 'include'), join(root, 'headers'))
  await refuses(root, /holds no include\/, which building the addon from source needs$/, true)
  truncateSync(join(root, 'lib/libtorch_cpu.so'), 5000)
  await refuses(root, /libtorch_cpu\.so is cut short: it holds 5000 bytes/)
  makeLibtorch(packages)
  rmSync(join(packages, 'nvidia/cu13/lib/libcupti.so.13'))
  await refuses(root, /libcupti\.so\.13 is missing, which .*\/libtorch_cpu\.so needs$/)
  makeLibtorch(packages)
  rmSync(join(root, 'lib/libc10.so'))
  await refuses(root, /libc10\.so is missing/)
})

test('a setup record vouches for every file and its size', async (t) => {
  const folder = temporaryFolder(t)
  const refuses = (message: RegExp) => throwsError(t, 'LIBTORCH_CORRUPT', () => checkSetupRecord(folder), message)
  const write = (text: string) => writeFileSync(join(folder, setupRecordName), text)
  await refuses(/holds no readable npair-setup\.json$/)
  write('{ "format": 1, "files": ')
  await refuses(/holds no readable npair-setup\.json$/)
  for (const text of [
    'null',
    '{}',
    '{ "format": 2, "files": {} }',
    '{ "format": 1 }',
    '{ "format": 1, "files": null }',
  ]) {
    write(text)
    await refuses(/npair-setup\.json is not of format 1$/)
  }
  write('{ "format": 1, "version": "2.11.0", "device": "cpu", "headers": false, "files": { "a/b.so": 3 } }')
  await refuses(/a\/b\.so is missing$/)
  writeFileSync(join(folder, 'a'), '')
  await refuses(/a\/b\.so is missing$/)
  write('{ "format": 1, "version": "2.11.0", "device": "cpu", "headers": false, "files": { "a": 3 } }')
  await refuses(/\/a holds 0 bytes instead of 3$/)
  writeFileSync(join(folder, 'a'), 'abc')
  t.deepEqual(checkSetupRecord(folder).files, { a: 3 })
})
