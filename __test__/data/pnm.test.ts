import test from 'ava'
import { isPnm, readPnm } from '../../src/data/pnm.js'

const file = (head: string, ...bytes: number[]) => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(bytes)])
const read = (head: string, ...bytes: number[]) => {
  const { width, height, channels, data } = readPnm(file(head, ...bytes))
  return { shape: [height, width, channels], data: [...data] }
}

test('P2, P3, P5 and P6 of 8 bits', (t) => {
  t.deepEqual(read('P2\n3 2\n255\n0 1 2\n3 4 255\n'), { shape: [2, 3, 1], data: [0, 1, 2, 3, 4, 255] })
  t.deepEqual(read('P3 1 2 255 1 2 3 4 5 6'), { shape: [2, 1, 3], data: [1, 2, 3, 4, 5, 6] })
  t.deepEqual(read('P5 3 2 255\n', 0, 1, 2, 3, 4, 255), { shape: [2, 3, 1], data: [0, 1, 2, 3, 4, 255] })
  t.deepEqual(read('P6\r\n1 2\r\n255\n', 1, 2, 3, 4, 5, 6), { shape: [2, 1, 3], data: [1, 2, 3, 4, 5, 6] })
})

test('16 bits stand with the high byte first and are scaled', (t) => {
  t.deepEqual(read('P5 4 1 65535\n', 0, 0, 0x80, 0x80, 0xff, 0xff, 0x01, 0x01).data, [0, 128, 255, 1])
  t.deepEqual(read('P6 1 1 65535 ', 0xff, 0xff, 0, 0, 0x40, 0x40).data, [255, 0, 64])
  t.deepEqual(read('P2 3 1 1023 0 1023 512').data, [0, 255, 128])
  t.deepEqual(read('P3 1 1 65535 65535 0 16448').data, [255, 0, 64])
})

test('other maxima are scaled to 255', (t) => {
  t.deepEqual(read('P5 4 1 15\n', 0, 5, 10, 15).data, [0, 85, 170, 255])
  t.deepEqual(read('P2 2 1 1 0 1').data, [0, 255])
})

test('comments may stand between all numbers of the header, and of plain pixels', (t) => {
  const head = 'P5 # made by hand 9 9 9\n# width:\n2# directly after\n#\n 1 #255\n255\n'
  t.deepEqual(read(head, 35, 10), { shape: [1, 2, 1], data: [35, 10] })
  t.deepEqual(read('P2 2 1 255# the pixels\n7 # seven\n8').data, [7, 8])
})

test('a pixel may look like white space or a comment', (t) => {
  t.deepEqual(read('P5 4 1 255\n', 10, 32, 35, 48).data, [10, 32, 35, 48])
})

test('what follows the first image is let be', (t) => {
  t.deepEqual(read('P5 1 1 255\n', 7, 80, 53).data, [7])
})

test('every way to be cut off or wrong has its reason', (t) => {
  for (const [bytes, message] of [
    [file('P5'), 'the file is cut off in its width'],
    [file('P5 3'), 'the file is cut off in its height'],
    [file('P5 3 2 # 255'), 'the file is cut off in its largest value'],
    [file('P5 3 2 255'), 'the file is cut off: 0 of 6 bytes of pixels'],
    [file('P5 3 2 255\n', 1, 2, 3, 4, 5), 'the file is cut off: 5 of 6 bytes of pixels'],
    [file('P5 3 2 256\n', 1, 2, 3, 4, 5, 6), 'the file is cut off: 6 of 12 bytes of pixels'],
    [file('P6 3 2 255\n', 1, 2, 3, 4, 5, 6), 'the file is cut off: 6 of 18 bytes of pixels'],
    [file('P5 16000 16000 255\n', 1), 'the file is cut off: 1 of 256000000 bytes of pixels'],
    [file('P2 3 1 255\n1 2'), 'the file is cut off: 3 of at least 5 bytes of pixels'],
    [file('P2 3 1 255\n11 22'), 'the file is cut off in value 3 of 3'],
    [file('P2 3 1 255\n1 x 3'), 'value 2 of 3 is no number'],
    [file('P5 3x2 255\n'), 'its height is no number'],
    [file('P5 255x', 1, 2), 'its height is no number'],
    [file('P5 1 1 255x', 1, 2), 'no white space stands before its pixels'],
    [file('P5 0 2 255\n'), 'its size is 0x2'],
    [file('P5 9999999999 1 255\n'), 'its size is 9999999999x1'],
    [file('P5 1 1 0\n', 1), 'its largest value is 0, not 1 to 65535'],
    [file('P5 1 1 65536\n', 1), 'its largest value is 65536, not 1 to 65535'],
    [file('P5 1 1 15\n', 16), 'the value 16 is above its largest, 15'],
    [file('P2 1 1 15 16'), 'the value 16 is above its largest, 15'],
  ] as const)
    t.throws(() => readPnm(bytes), { message }, message)
})

test('only P2, P3, P5 and P6 are taken for one', (t) => {
  for (const head of ['P2 ', 'P3\n', 'P5\t', 'P6\r']) t.true(isPnm(Buffer.from(head)), head)
  for (const head of ['', 'P', 'P5', 'P1 ', 'P4 ', 'P7\n', 'p5 ', 'P55', '\x89PNG'])
    t.false(isPnm(Buffer.from(head)), head)
})
