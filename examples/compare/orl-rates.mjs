// As rates.mjs, for the comparison on ORL: judged on people that it trains on.
//   npx npair compare examples/compare/orl-rates.mjs --data orl_faces --output runs/orl-rates
import { readFileSync } from 'node:fs'
import rates from './rates.mjs'

const orl = JSON.parse(readFileSync(new URL('./orl.json', import.meta.url), 'utf8'))
const four = { type: 'classBalanced', classes: 4, imagesPerClass: 4 }

export default {
  ...orl,
  data: { ...orl.data, split: { by: 'class', test: ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] } },
  optimizer: { ...orl.optimizer, learningRate: 1e-3 },
  compare: {
    seeds: [9],
    methods: rates.compare.methods.map((method) => (method.batch ? { ...method, batch: four } : method)),
  },
}
