// Puts the modules of `src/` into the three scripts that are served: page.js, worker.js, sw.js; and
// takes the comments and indentation out of room.css.
// Not a bundler with a mind of its own: modules follow each other in the order of need, without
// their import and export lines; comments and indentation go. Nothing is renamed or left out, so what
// is served can be read and compared; a name that two modules give is an error here. `web/test`
// makes the files again and compares.
//
//   node web/pack.mjs [folder]

import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const web = new URL('./', import.meta.url);
const IMPORT = /^import \{([^}]*)\} from '([^']+)';\n/gm;
const EXPORT = /^export ((?:async )?(?:function\*?|class|const)) (\w+)/gm;

const read = (name) => readFileSync(new URL(`src/${name}`, web), 'utf8');

/** Lines that are comments, comments with types, and indentation: none of it is said to anyone. */
function bare(code) {
  return code
    .replace(/^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/gm, '')
    .replace(/\/\*\* @(?:type|param)[^*]*\*\/ ?/g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^[ \t]+/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trimStart();
}

const TOP = /^(?:async )?(?:const|let|function\*?|class) (\w+)/gm;
const local = (path) => path.startsWith('./');
const names = (list) => list.split(',').map((name) => name.trim()).filter(Boolean);

/** Modules in the order in which they need each other. */
function ordered(name, seen = new Map(), above = []) {
  if (above.includes(name)) throw new Error(`a circle: ${[...above, name].join(' → ')}`);
  if (seen.has(name)) return seen;
  const code = read(name);
  for (const [, , path] of code.matchAll(IMPORT)) {
    if (local(path)) ordered(basename(path), seen, [...above, name]);
  }
  return seen.set(name, code);
}

/** A module without its imports and exports. */
function module(name, code, seen) {
  const body = bare(code.replace(IMPORT, '').replace(EXPORT, '$1 $2'));
  if (/^(?:import|export)\b/m.test(body)) throw new Error(`${name}: an import or export is left`);
  for (const [, what] of code.replace(EXPORT, '$1 $2').matchAll(TOP)) {
    if (seen.has(what)) throw new Error(`${what} is given by ${seen.get(what)} and ${name}`);
    seen.set(what, name);
  }
  return `// src/${name}\n${body}`;
}

/** What the modules take from the vendored file. */
function vendored(modules) {
  const taken = modules.flatMap(([, code]) => [...code.matchAll(IMPORT)])
    .filter(([, , path]) => !local(path)).flatMap(([, list]) => names(list));
  return `import { ${[...new Set(taken)].sort().join(', ')} } from './vendor/preact.js';\n`;
}

/** Name and text of each file that is made. */
export function packed() {
  const modules = [...ordered('main.js')];
  const seen = new Map();
  const page = [
    '// Made of src/ by pack.mjs: read it there, with its comments.\n',
    vendored(modules),
    ...modules.map(([name, code]) => module(name, code, seen)),
  ].join('');
  const alone = (name) => `// Made of src/${name} by pack.mjs: read it there, with its comments.\n${bare(read(name))}`;
  const style = read('room.css').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\s*\n\s*/g, '\n')
    .replace(/ ?([{;,]) ?/g, '$1').replace(/;?\n?\}/g, '}').replace(/([{;,])\n/g, '$1').trim();
  return [
    ['page.js', page], ['worker.js', alone('worker.js')], ['sw.js', alone('sw.js')],
    ['room.css', `/* Made of src/room.css by pack.mjs. */\n${style}\n`],
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ? pathToFileURL(`${process.argv[2]}/`) : web;
  for (const [name, text] of packed()) writeFileSync(new URL(name, folder), text);
}
