// Chromium without a window, without whatever it does on its own.

import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A browser: the one that CHROMIUM names, or the system's. */
export const chrome = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? PATHS.find(existsSync), args: ARGUMENTS });
