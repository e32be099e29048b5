// Runs one service: `node run.js '{"service": "accounts", "port": 7001, …}'`.
'use strict';

const given = JSON.parse(process.argv[2]);
const telemetry = require('./telemetry').start(given);
const { Service } = require('./service');

const service = new Service(given.service, telemetry, given.routes, given.seed);
Object.assign(service.settings, given.settings);
require(`./${given.service}`).build(service);
service.listen(given.port);

process.on('SIGTERM', async () => {
  service.log.info(`${given.service} is stopping`);
  await telemetry.stop();
  process.exit(0);
});
