// Arranges Stanford Online Products as npair reads it, one folder a class, by links: nothing is copied.
//   node examples/paper/arrange-online-products.mjs Stanford_Online_Products sop   → sop/train/CLASS/*.JPG, sop/test/CLASS/*.JPG
// Ebay_train.txt and Ebay_test.txt have a line of names, then: image id, class id, super-class id, path.
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

const [source, target] = process.argv.slice(2)
if (!source || !target) throw new Error('Expected two folders: Stanford_Online_Products, and one to make')
for (const half of ['train', 'test']) {
  const [, ...lines] = (await readFile(join(source, `Ebay_${half}.txt`), 'utf8')).trim().split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    const [, id, , path] = line.split(' ')
    if (!path) throw new Error(`Ebay_${half}.txt, line ${i + 2}: expected four columns but received '${line}'`)
    const folder = join(target, half, id)
    await mkdir(folder, { recursive: true })
    await symlink(resolve(source, path), join(folder, basename(path)))
  }
}
