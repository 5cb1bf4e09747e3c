import test from 'ava'
import { byCodePoint } from '../../src/data/byCodePoint.js'
import { Random } from '../../src/random.js'

test('the order is that of UTF-8 bytes, on thousands of strings', (t) => {
  const alphabet = ['a', 'b', 'Z', '_', '/', '0', 'ä', 'é', '字', '\ue000', '\uffff', '😀', '𐀀']
  const random = new Random(1, 'report')
  const draw = () => Array.from({ length: random.below(5) }, () => alphabet[random.below(alphabet.length)]).join('')
  for (let i = 0; i < 5000; i++) {
    const [a, b] = [draw(), draw()]
    const trace = JSON.stringify([a, b])
    t.is(Math.sign(byCodePoint(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)), trace)
  }
})

test('neither UTF-16 units nor the locale decide', (t) => {
  t.deepEqual(['\uffff', '😀', 'ä', 'z', 'Z', 'a'].sort(byCodePoint), ['Z', 'a', 'z', 'ä', '\uffff', '😀'])
  t.deepEqual(['\uffff', '😀'].sort(), ['😀', '\uffff'])
})
