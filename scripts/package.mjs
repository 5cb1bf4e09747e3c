// `npm run package [-- FOLDER]`: makes the folders that are published, FOLDER/npair and FOLDER/npair-linux-x64-gnu (default
// `packages`): JavaScript joined into few files, because every module that Node.js has to find costs an import 0.4 ms, and the two addons
// in a package of their platform, which npair's names as an optional dependency. `npm publish` in each, the platform's first.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
// What is opened by name: the library, the command, and the programs that are started, by `npair doctor` and to draw SVGs.
const entries = ['index.js', 'cli/main.js', 'native/probe.js', 'data/svgProcess.js']

/**
 * @param folder - where; what stood there before is replaced
 * @returns paths of the packages
 */
export async function makePackages(folder) {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const addons = (await readdir(join(root, 'src/native'))).filter((file) => file.endsWith('.node'))
  const platform = /^npair\.(.+)\.node$/.exec(addons.find((file) => file.startsWith('npair.')) ?? '')?.[1]
  if (platform === undefined) throw new Error('There is no addon in src/native: run `npm run prepare:all`.')
  const packages = { main: join(folder, 'npair'), platform: join(folder, `npair-${platform}`) }
  for (const path of Object.values(packages)) {
    await rm(path, { recursive: true, force: true })
    await mkdir(path, { recursive: true })
  }
  await joinModules(join(packages.main, 'dist'))
  const { files, exports, main, types, bin, engines, dependencies, ...rest } = manifest
  for (const file of files.filter((name) => name !== 'dist'))
    await cp(join(root, file), join(packages.main, file), { recursive: true })
  await cp(join(root, 'README.md'), join(packages.main, 'README.md'))
  const { name, version, description, keywords, license, type, peerDependencies, peerDependenciesMeta } = rest
  await writeManifest(packages.main, {
    ...{ name, version, description, keywords, license, type, engines, bin, main, types, exports, dependencies },
    ...{ peerDependencies, peerDependenciesMeta },
    optionalDependencies: { [`npair-${platform}`]: version },
  })

  const [os, cpu, libc] = platform.split('-')
  for (const file of addons) await cp(join(root, 'src/native', file), join(packages.platform, file))
  for (const file of ['LICENSE', 'NOTICE.md']) await cp(join(root, file), join(packages.platform, file))
  await writeManifest(packages.platform, {
    name: `npair-${platform}`,
    ...{ version, description: `The addon of npair for ${platform}`, license, engines },
    ...{ os: [os], cpu: [cpu], ...(libc === 'gnu' && { libc: ['glibc'] }) },
  })
  return packages
}

const writeManifest = (folder, manifest) =>
  writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

/** The compiled modules below `dist`, with what several entries share in chunks; packages stay imports. */
async function joinModules(folder) {
  const result = await build({
    entryPoints: entries.map((entry) => join(root, 'dist', entry)),
    ...{ outbase: join(root, 'dist'), outdir: folder, chunkNames: 'chunks/[name]-[hash]' },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external' },
    ...{ legalComments: 'none', logLevel: 'warning', write: false },
  })
  for (const { path, contents } of result.outputFiles) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { main, platform } = await makePackages(resolve(process.argv[2] ?? join(root, 'packages')))
  console.log(`${main}\n${platform}`)
}
