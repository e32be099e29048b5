// What is between two programs in the tests: every byte that the near one sends is kept, and goes
// on to the far one unchanged.

import { connect, createServer } from 'node:net';

/**
 * Stands before a port of this machine, until the test ends.
 * `sent()` is all that came in, as text of one letter a byte; `seen()` the requests' first lines.
 */
export async function recorder(t, port) {
  const connections = [];
  const sockets = new Set();
  const server = createServer((near) => {
    const pieces = [];
    connections.push(pieces);
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one) && other.end());
      one.pipe(other);
    }
    near.on('data', (piece) => pieces.push(piece));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const texts = () => connections.map((pieces) => Buffer.concat(pieces).toString('latin1'));
  return {
    port: server.address().port,
    sent: () => texts().join('\n'),
    seen: () => texts().filter((text) => text !== '').map((text) => text.split(' HTTP/')[0]),
  };
}
