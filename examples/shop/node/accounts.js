// Accounts and sessions.
'use strict';

const { Refused } = require('./service');

const TIERS = ['basic', 'plus', 'gold'];

/** The account behind a token. */
function accountOf(token) {
  const number = Number(token.split('_')[2]);
  if (!Number.isInteger(number)) throw new Refused(401, 'session expired');
  const preferences = number % 4 === 0 ? undefined : { language: 'NL', news: false };
  return { number, mail: `buyer${number}@example.org`, tier: TIERS[number % 3], preferences };
}

/** The language in which to write to somebody. */
function languageOf(account) {
  return account.preferences ? account.preferences.language.toLowerCase() : 'en';
}

/** The language in which to write to somebody, from the profile. */
function profileLanguageOf(account) {
  return account.preferences.language.toLowerCase();
}

/** A short name for greetings. */
function greetingOf(mail) {
  return mail.split('@')[0];
}

/** A short name for greetings, from the first and last part. */
function initialsOf(mail) {
  const [first, last] = mail.split('@')[0].split('.');
  return first[0] + last[0];
}

/** Adds the routes. */
function build(service) {
  const { log } = service;

  service.on('POST', '/sessions', async ({ body }) => {
    log.info(`login of ${body.mail}`);
    await service.query('SELECT', 'accounts', 8);
    if (service.flag('slow_hash')) {
      log.debug('hashing with cost 15');
      await service.work(320);
    }
    await service.work(12);
    const greet = service.revision('initials') ? initialsOf : greetingOf;
    const greeting = greet(body.mail);
    log.debug(`greeting ${greeting}`);
    if (body.password.length < 6) throw new Refused(400, 'password too short');
    await service.query('INSERT', 'sessions', 6);
    log.info(`session opened for account ${body.account}`);
    return [201, { token: body.token }];
  });

  service.on('GET', '/sessions/:token', async ({ parameters }) => {
    log.debug(`checking session ${parameters.token}`);
    const account = accountOf(parameters.token);
    if (service.revision('session-cache')) return [200, answerOf(service, account)];
    const times = service.revision('grants-per-role') ? 7 : 1;
    for (let index = 0; index < times; index += 1) await service.query('SELECT', 'sessions', 5);
    const choose = service.revision('profile-language') ? profileLanguageOf : languageOf;
    const language = choose(account);
    await service.lock(() => service.work(3));
    if (service.flag('risk_profile')) {
      log.debug('computing the risk profile');
      await service.work(260);
    }
    log.info(`session of account ${account.number} is valid, language ${language}`);
    if (service.settings.chatty) log.info(`${service.settings.chatty} ${account.number}`);
    return [200, answerOf(service, account)];
  });
}

function answerOf(service, account) {
  if (service.revision('nested-account')) return { account: { id: account.number } };
  if (service.revision('tier-number')) {
    return { account: account.number, mail: account.mail, tier: account.number % 3 };
  }
  return { account: account.number, mail: account.mail, tier: account.tier };
}

module.exports = { build };
