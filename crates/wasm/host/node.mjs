// Runs the module in Node for `cargo xtask bench wasm`: what `answers` is given comes in, what it
// tells goes out. Arguments: the module, the pack of names.

import { readFileSync } from 'node:fs';

import { answers } from './answers.mjs';
import { told } from './told.mjs';

const [module, names] = process.argv.slice(2).map((path) => readFileSync(path));
told(await answers(module, names, readFileSync(0, 'utf8')));
