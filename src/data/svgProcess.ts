// Draws SVGs for svg.ts, which kills this process when one takes too long.
import { decodeHere, reason } from './decode.js'
import type { DrawingAnswer, DrawingQuestion } from './svg.js'

const answer = (answer: DrawingAnswer) => process.send?.(answer)

process.on('message', ({ bytes, decoding }: DrawingQuestion) => {
  decodeHere(bytes, decoding).then(
    (pixels) => answer({ pixels }),
    (error) => answer({ reason: reason(error) }),
  )
})
// Ctrl-C reaches every process of a terminal, and a service manager's SIGTERM all of a service: whoever asked decides when this one
// ends, and it ends with them. An image whose drawing a signal cut short would count as broken.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
// Not `process.exit`, which waits for a drawing that is under way.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
