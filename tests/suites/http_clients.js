// http_clients.js PORT REQUESTS - 50 clients, half of which keep their connections.
'use strict';
const http = require('http');
const crypto = require('crypto');
const [port, requests] = process.argv.slice(2).map(Number);
const agents = [true, false].map((keepAlive) => new http.Agent({keepAlive, maxSockets: 25}));
const digests = new Array(requests);
let next = 0;
let bytes = 0;
let right = 0;

function bodyOf(number) {
  return Buffer.alloc((number * 7919) % 100000, String(number) + ' ');
}

function ask(number, done) {
  const body = bodyOf(number);
  const options = {port, host: '127.0.0.1', method: 'POST', agent: agents[number % 2]};
  const request = http.request(options, (response) => {
    const parts = [];
    response.on('data', (part) => parts.push(part));
    response.on('end', () => {
      const answer = Buffer.concat(parts);
      bytes += answer.length;
      right += answer.equals(Buffer.concat([body, body])) ? 1 : 0;
      digests[number] = crypto.createHash('sha256').update(answer).digest('hex');
      done();
    });
  });
  request.on('error', (error) => { console.log(number, error.message); process.exit(1); });
  request.end(body);
}

function serve(done) {
  if (next === requests) return done();
  ask(next++, () => serve(done));
}

let running = 50;
for (let i = 0; i < 50; ++i) {
  serve(() => {
    if (--running > 0) return;
    const digest = crypto.createHash('sha256').update(digests.join()).digest('hex');
    console.log(`${right} of ${requests} answers right, ${bytes} bytes, ${digest}`);
    // What keeps its connections would let the process end without a close.
    for (const agent of agents) agent.destroy();
    process.exitCode = right === requests ? 0 : 1;
  });
}
