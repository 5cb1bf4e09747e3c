import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { temporaryFolder } from './temporaryFolder.js'

const engineUrl = new URL('../../dist/native/engine.js', import.meta.url).href

// In a process of its own: a read of memory that has gone ends it.
test('a worker that ends closes what it left open, after the search that reads its memory', (t) => {
  const path = join(temporaryFolder(t), 'module.mjs')
  writeFileSync(
    path,
    `import { once } from 'node:events'
    import { Worker, isMainThread, parentPort } from 'node:worker_threads'
    import { fileURLToPath } from 'node:url'
    import { engine } from ${JSON.stringify(engineUrl)}
    const { galleryOpen, galleryNearest, close } = await engine()
    const numbers = (count) => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 10007) - 5000)
    const options = JSON.stringify({ size: 64, metric: 'dot', shortlist: 'float32' })
    if (isMainThread) {
      const own = await galleryOpen(numbers(64), options)
      for (let i = 0; i < 2; i++) {
        const worker = new Worker(fileURLToPath(import.meta.url))
        const [left] = await once(worker, 'message')
        await worker.terminate()
        // Behind what the worker asked for last.
        await galleryNearest(own, numbers(64), 1)
        console.log(await close(left).catch(({ code }) => code))
      }
      await close(own)
      console.log('the own one was open')
    } else {
      const gallery = await galleryOpen(numbers(64 * 60_000), options)
      for (let i = 0; i < 3; i++) galleryNearest(gallery, numbers(64 * 256), 10)
      parentPort.postMessage(gallery)
      setInterval(() => {}, 1000)
    }`,
  )
  const { NODE_OPTIONS: _, ...env } = process.env
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [path], {
    ...{ encoding: 'utf8', timeout: 120_000, env },
  })
  t.deepEqual([status, signal, stderr], [0, null, ''])
  t.deepEqual(stdout.trim().split('\n'), ['CLOSED', 'CLOSED', 'the own one was open'])
})
