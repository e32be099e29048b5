// What a service that uses Sentry's SDK for Node does when something fails. Its first argument is
// a file of JSON: the DSN, the counts and what is planted.
"use strict";

const fs = require("node:fs");
const Sentry = require("@sentry/node");

const { dsn, planted, failures } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

Sentry.init({
  dsn, release: "pay@1.0.3", environment: "prod", tracesSampleRate: 1, enableLogs: true,
  sendDefaultPii: true, includeLocalVariables: true, initialScope: { tags: { note: planted.key } },
});

class ChargeError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "ChargeError";
  }
}

function query(password) {
  if (password) throw new TypeError(`no rows for ${planted.mail}`);
}

function charge(number) {
  try {
    query(planted.password);
  } catch (cause) {
    throw new ChargeError(`cannot charge ${number}`, { cause });
  }
}

async function main() {
  Sentry.setUser({ email: planted.mail, ip_address: planted.address });
  Sentry.setExtra("payload", { token: planted.key, password: planted.password });
  for (let n = 0; n < failures; n += 1) {
    Sentry.addBreadcrumb({ category: "http", message: `GET /login?access_token=${planted.key}` });
    await Sentry.startSpan({ op: "http.server", name: "POST /pay" }, async () => {
      Sentry.startSpan({ op: "db", name: `select ${n}` }, () => {});
      try {
        charge(n);
      } catch (error) {
        Sentry.captureException(error);
      }
      Sentry.logger.warn("slow gateway", { contact: planted.mail, api_key: planted.key });
    });
  }
  if (!await Sentry.close(20_000)) throw new Error("not all was sent");
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
