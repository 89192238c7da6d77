// An HTTP server that keeps every tenth body it gets and answers with it doubled.
'use strict';
const http = require('http');
const kept = [];

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    if (body.length % 10 === 0) kept.push(body);
    if (kept.length > 100) kept.shift();
    response.setHeader('X-Length', body.length);
    response.write(body);
    response.end(body.toString('latin1'), 'latin1');
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections());
