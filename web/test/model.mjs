// A model on this machine that speaks as OpenAI's do: it says what the test wants, of the evidence
// that it was given, and every byte that reaches it is kept.

import { createServer } from 'node:http';

import { recorder } from './recorder.mjs';

/** Letters of one piece of its answer. */
const PIECE_LENGTH = 7;

/**
 * @param {import('node:test').TestContext} t it is gone when the test ends
 * @param {(prompt: string) => string[]} says what it claims, each resting on the first evidence
 */
export async function startModel(t, says) {
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const { messages } = JSON.parse(Buffer.concat(pieces).toString());
    const prompt = messages.map(({ content }) => content).join('\n');
    const [evidence = 'e1'] = prompt.match(/\be\d+\b/) ?? [];
    const claims = says(prompt).map((claim) => JSON.stringify({ claim, evidence: [evidence] }));
    const whole = `${claims.join('\n')}\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < whole.length; at += PIECE_LENGTH) {
      const delta = { content: whole.slice(at, at + PIECE_LENGTH) };
      response.write(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const wire = await recorder(t, server.address().port);
  return {
    url: `http://127.0.0.1:${wire.port}/v1`,
    asked: wire.sent,
    count: () => wire.seen().length,
  };
}
