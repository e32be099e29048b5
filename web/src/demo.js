// @ts-check
// A synthetic incident, drawn up here: nobody's data. Its secrets and cards are visibly fake and put
// together only when they are wanted, so that no scanner takes this file for a leak.

const PEOPLE = ['ada.example', 'grace.sample', 'linus.specimen', 'edsger.mock', 'barbara.demo'];
const DAY = '2026-03-12';

/** @param {number} second of the day */
function stamp(second) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  return `${DAY}T${two(h)}:${two(m)}:${two(s)}.${String((second * 37) % 1000).padStart(3, '0')}Z`;
}

const START = 13 * 3600 + 30 * 60;
const DEPLOY = START + 32 * 60;
const FAIL = DEPLOY + 95;
const ROLLBACK = FAIL + 14 * 60;

/** @param {number} n */
const mail = (n) => `${PEOPLE[n % PEOPLE.length]}@shop${n % 3}.example`;
/** A number with a right check digit, of an issuer's test range. @param {number} n */
function card(n) {
  const body = ['4000', '0000', String(1000 + n), '000'].join('');
  const digits = [...body, '0'].map(Number).reverse();
  const sum = digits.reduce((all, digit, at) => {
    const twice = at % 2 === 1 ? digit * 2 : digit;
    return all + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
const accessKey = () => ['AK', 'IA', 'SYNTHETIC', 'DEMO', '234'].join('');
const password = () => ['not', 'a', 'real', 'pass', '7391'].join('-');
const bearer = () => ['fa', 'ke', 'b3ar3r', 't0k3n', '0123456789abcdef'].join('');

/** @param {number} second @param {string} level @param {string} service @param {string} said */
const line = (second, level, service, said) =>
  `${stamp(second)} ${level.padEnd(5)} [${service}] ${said}`;

/** @param {number} second @param {number} n */
function request(second, n) {
  const who = mail(n);
  const took = 28 + ((n * 13) % 40);
  return line(second, 'INFO', 'checkout',
    `request id=${7100 + n} user=${who} ip=198.51.100.${10 + (n % 40)} POST /pay status=200 took=${took}ms`);
}

const TRACE = [
  'Traceback (most recent call last):',
  '  File "/srv/checkout/handlers/pay.py", line 88, in post_pay',
  '    charge = payments.charge(order, card)',
  '  File "/srv/checkout/payments/client.py", line 41, in charge',
  '    conn = self.pool.acquire(timeout=5)',
  '  File "/srv/checkout/db/pool.py", line 127, in acquire',
  '    raise PoolTimeout(f"no connection within {timeout} s, {self.size} of {self.size} in use")',
  'checkout.db.pool.PoolTimeout: no connection within 5 s, 10 of 10 in use',
];

/** @param {number} second @param {number} n @returns {string[]} */
function failingPayment(second, n) {
  const out = [
    line(second, 'WARN', 'checkout', `pool wait ${4000 + ((n * 71) % 990)} ms, size=10 in_use=10`),
    line(second + 5, 'ERROR', 'checkout',
      `payment failed order=${88000 + n} user=${mail(n)} card=${card(n % 7)}: no connection within 5 s`),
  ];
  if (n % 6 === 1) out.push(...TRACE);
  if (n % 4 === 1) {
    out.push(line(second + 6, 'WARN', 'gateway', `upstream checkout answered 503 after 5002 ms, retry 1 of 2`));
  }
  return out;
}

function logs() {
  const out = [line(START, 'INFO', 'checkout', 'listening on 0.0.0.0:8080 version=4.17.2 pool.size=40')];
  let n = 0;
  for (let second = START + 4; second < DEPLOY; second += 11) out.push(request(second, (n += 1)));
  out.push(
    line(DEPLOY, 'INFO', 'deploy', 'checkout 4.17.2 -> 4.18.0 commit=3f9d2ab by=release-bot'),
    line(DEPLOY + 2, 'INFO', 'checkout', 'config changed pool.size 40 -> 10'),
    line(DEPLOY + 3, 'DEBUG', 'checkout',
      `connecting postgres://checkout:${password()}@db-1.internal.example:5432/orders`),
    line(DEPLOY + 4, 'DEBUG', 'checkout', `receipts bucket ready aws_access_key_id=${accessKey()}`),
  );
  for (let second = DEPLOY + 9; second < FAIL; second += 12) out.push(request(second, (n += 1)));
  for (let second = FAIL; second < ROLLBACK; second += 9) {
    n += 1;
    out.push(...(n % 3 === 0 ? [request(second, n)] : failingPayment(second, n)));
  }
  out.push(line(FAIL + 61, 'DEBUG', 'gateway', `forwarding authorization: Bearer ${bearer()}`));
  out.push(line(ROLLBACK, 'INFO', 'deploy', 'checkout 4.18.0 -> 4.17.2 rollback by=on-call'));
  out.push(line(ROLLBACK + 2, 'INFO', 'checkout', 'config changed pool.size 10 -> 40'));
  for (let second = ROLLBACK + 8; second < ROLLBACK + 400; second += 12) out.push(request(second, (n += 1)));
  return `${out.join('\n')}\n`;
}

function alert() {
  const fired = {
    status: 'firing',
    labels: { alertname: 'CheckoutErrorRateHigh', service: 'checkout', severity: 'page' },
    annotations: { summary: 'More than 20 % of payments fail', runbook: 'checkout/payments' },
    startsAt: stamp(FAIL + 180),
    endsAt: '0001-01-01T00:00:00Z',
  };
  const said = { version: '4', status: 'firing', receiver: 'on-call', alerts: [fired] };
  return `${JSON.stringify(said, null, 2)}\n`;
}

function chat() {
  const at = (/** @type {number} */ second) => `[${stamp(second).slice(11, 19)}]`;
  return [
    `${at(FAIL + 200)} ada: hi all, paged: checkout error rate. looking`,
    `${at(FAIL + 215)} grace: :eyes:`,
    `${at(FAIL + 230)} grace: joined #incident-checkout`,
    `${at(FAIL + 290)} linus: customers cannot pay, support has 40 tickets, one from ${mail(2)} (+1 202-555-0143)`,
    `${at(FAIL + 350)} ada: pool timeouts in checkout since 14:03, the deploy of 4.18.0 was at 14:02`,
    `${at(FAIL + 420)} grace: could it be the new pool size? diff says 40 -> 10`,
    `${at(FAIL + 500)} linus: password for the read replica is ${password()} if you need it`,
    `${at(FAIL + 520)} ada: please do not post passwords here`,
    `${at(FAIL + 640)} ada: decision: roll back to 4.17.2, grace does it`,
    `${at(FAIL + 660)} grace: ok rolling back`,
    `${at(ROLLBACK + 20)} grace: rollback done`,
    `${at(ROLLBACK + 200)} linus: payments go through again`,
    `${at(ROLLBACK + 260)} ada: resolved. action: linus adds an alert on pool wait by Friday`,
    `${at(ROLLBACK + 270)} ada: action: grace writes a test for the pool size in the release check`,
    `${at(ROLLBACK + 300)} grace: thanks everyone :tada:`,
    '',
  ].join('\n');
}

/** Sources of the synthetic incident. */
export const incident = () => [
  { name: 'checkout.log (synthetic)', text: logs() },
  { name: 'alert (synthetic)', text: alert() },
  { name: 'chat (synthetic)', text: chat() },
];
