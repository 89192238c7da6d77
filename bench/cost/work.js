// work.js ROUNDS - objects of many sizes, and nothing from outside.
'use strict';
let sum = 0;
for (let round = 0; round < Number(process.argv[2]); ++round) {
  const map = new Map();
  for (let i = 0; i < 100000; ++i) {
    map.set('k' + i, {a: i, b: [i, i + 1], c: 'x'.repeat(i % 30)});
    if (i % 3 === 0) map.delete('k' + i / 3);
  }
  for (const [key, value] of map) sum += value.b[1] + key.length;
  sum += JSON.parse(JSON.stringify([...map].slice(0, 20000))).length;
  const bytes = Buffer.alloc(1 << 20, 7);
  for (let i = 0; i < 50; ++i) sum += Buffer.from(bytes).readUInt8(i);
}
console.log(sum);
