import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The models of this machine's NVIDIA GPUs in the driver's order, as its files under `/proc` give them, visible to CUDA or not;
 * `unknown` where there are no such files (Windows' Linux subsystem, some containers).
 *
 * @param folder - one folder a GPU, with a file `information`
 */
export async function gpuNames(folder = '/proc/driver/nvidia/gpus'): Promise<string> {
  const gpus = await readdir(folder).catch(() => [])
  const texts = await Promise.all(
    gpus.sort().map((gpu) => readFile(join(folder, gpu, 'information'), 'utf8').catch(() => '')),
  )
  return texts.flatMap((text) => /^Model:\s*(\S.*)$/m.exec(text)?.[1]?.trim() ?? []).join(', ') || 'unknown'
}
